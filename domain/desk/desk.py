"""The desk: loads an alert, lets somebody do something about it, saves what came of it at once."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from domain.commands import Answer, Marker, command_stream
from domain.desk.case import AlertCase
from domain.desk.hands import Hand
from domain.desk.reading import must_be_on_duty, read_case
from domain.desk.refusals import refused_at_desk
from domain.desk.rota import Rota
from domain.desk.steps import Step
from domain.events import Stream, event_id
from domain.races import retried
from domain.refusals import Refused
from domain.register import OrderRegister


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

    def must_be_on_duty(self, hand: Hand, now: datetime) -> None:
        """Raises `Refused` when the rota says no."""
        must_be_on_duty(self._rotas, hand, now)

    def do(self, alert: UUID, hand: Hand, now: datetime, step: Step) -> AlertCase:
        """Raises `Refused` when the rota or the alert says no, with nothing saved."""
        self.must_be_on_duty(hand, now)
        return retried(lambda: self._done(alert, hand, now, step))

    def answer(
        self, alert: UUID, hand: Hand, now: datetime, step: Step, *, command_id: str | None
    ) -> Answer:
        """As `do`, but a refusal is an answer. Asked again under that id: the first answer.

        The id is the person's own: another's answers are nobody else's. In the answer `order_id` is
        the alert. Raises what is neither an answer nor a refusal of the rules, such as another version.
        """
        self.must_be_on_duty(hand, now)
        if command_id is None:
            return retried(lambda: self._answered(alert, hand, now, step, None))
        stream = command_stream(f"desk:{hand.staff}:{command_id}")
        return retried(lambda: self._answered(alert, hand, now, step, Marker(stream)))

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

    def _answered(
        self, alert: UUID, hand: Hand, now: datetime, step: Step, marker: Marker | None
    ) -> Answer:
        first = None if marker is None else self._register.read(marker).first_answer()
        if first is not None:
            return first
        case = self.case(alert)
        before, version = case.version, case.version
        pending: list[Stream] = []
        refused_as = None
        try:
            step.take(case, hand, now)
            version, pending = case.version, [case]
        except Refused as refused:
            refused_as = refused.refusal.code
        done = tuple(event_id(alert, each) for each in range(before + 1, version + 1))
        answer = Answer(alert, version, done, refused_as)
        if marker is not None:
            marker.answer(answer, hand.envelope(now))
            pending.append(marker)
        self._register.keep(pending)
        return answer
