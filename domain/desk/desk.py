"""The desk: loads an alert, lets somebody do something about it, saves what came of it at once."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.desk.case import AlertCase
from domain.desk.hands import Hand
from domain.desk.policies import STANDARD
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
        self._on_duty(hand, now)
        for _ in range(_TRIES - 1):
            try:
                return self._done(alert, hand, now, step)
            except IntegrityError:
                continue
        return self._done(alert, hand, now, step)

    def case(self, alert: UUID) -> AlertCase:
        """The alert as it stands. Raises `Refused` when there is none."""
        case = self._register.read(AlertCase(alert))
        case.policies = {**STANDARD, **self._register.policies_of(case.force)}
        if case.raised is None:
            raise refused_at_desk("NO_SUCH_ALERT")
        return case

    def _done(self, alert: UUID, hand: Hand, now: datetime, step: Step) -> AlertCase:
        case = self.case(alert)
        step.take(case, hand, now)
        self._register.keep([case])
        return case

    def _on_duty(self, hand: Hand, now: datetime) -> None:
        rota = self._rotas.get(hand.force)
        if rota is not None and not rota.is_on_duty(hand.staff, hand.role, now):
            raise refused_at_desk("NOT_ON_DUTY")
