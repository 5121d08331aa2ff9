"""The desk: loads an alert, lets somebody do something about it, saves what came of it at once."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.desk.case import AlertCase
from domain.desk.hands import Hand
from domain.desk.reading import must_be_on_duty, read_case
from domain.desk.refusals import refused_at_desk
from domain.desk.rota import Rota
from domain.desk.steps import Step
from domain.register import OrderRegister

_TRIES = 5


class AlertDesk:
    """One method for everything that is done to one alert. Safe to share between threads.

    Two at once: one is first, and the other is decided again on what the first left.
    """

    def __init__(
        self,
        register: OrderRegister,
        *,
        rotas: Mapping[str, Rota] = MappingProxyType({}),
    ) -> None:
        """By force; where a force has no rota, nobody is asked whether they are on duty."""
        self._register = register
        self._rotas = rotas

    def do(self, alert: UUID, hand: Hand, now: datetime, step: Step) -> AlertCase:
        """Raises `Refused` when the rota or the alert says no, with nothing saved."""
        must_be_on_duty(self._rotas, hand, now)
        for _ in range(_TRIES - 1):
            try:
                return self._done(alert, hand, now, step)
            except IntegrityError:
                continue
        return self._done(alert, hand, now, step)

    def case(self, alert: UUID) -> AlertCase:
        """The alert as it stands. Raises `Refused` when there is none."""
        case = read_case(self._register, alert)
        if case.raised is None:
            raise refused_at_desk("NO_SUCH_ALERT")
        return case

    def _done(self, alert: UUID, hand: Hand, now: datetime, step: Step) -> AlertCase:
        case = self.case(alert)
        step.take(case, hand, now)
        self._register.keep([case])
        return case
