"""The change of shifts: what is open is left, taken by name alert by alert, and signed for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID, uuid5

from domain.desk.case import AlertCase
from domain.desk.handovers import Handover, may_sign_off
from domain.desk.hands import Hand
from domain.desk.reading import must_be_on_duty, read_case
from domain.desk.refusals import refused_at_desk
from domain.desk.rota import Rota
from domain.desk.shifts import Shift, shift_stream
from domain.dossier import NAMESPACE
from domain.races import retried
from domain.register import OrderRegister


class ShiftDesk:
    """Hand-overs and signing off. A hand-over and the alert it passes on are saved together."""

    def __init__(
        self,
        register: OrderRegister,
        *,
        rotas: Mapping[str, Rota] = MappingProxyType({}),
    ) -> None:
        """By force; where a force has no rota, nobody is asked whether they are on duty."""
        self._register = register
        self._rotas = rotas

    def prepare(
        self, hand: Hand, left: Sequence[AlertCase], now: datetime, note: str = ""
    ) -> Handover:
        """What `hand` leaves to the next shift; the alerts stay theirs until they are taken."""
        said = f"handover:{hand.force}:{hand.staff}:{now.isoformat()}"
        handover = self._register.read(Handover(uuid5(NAMESPACE, said)))
        handover.prepare(hand, [each.id for each in left], now, note)
        self._register.keep([handover])
        return handover

    def accept(self, handover: UUID, alert: UUID, hand: Hand, now: datetime) -> AlertCase:
        """`hand` takes that alert by name. Raises `Refused`, with nothing saved."""
        must_be_on_duty(self._rotas, hand, now)
        return retried(lambda: self._accepted(handover, alert, hand, now))

    def sign(self, handover: UUID, hand: Hand, now: datetime) -> Handover:
        """`hand` has taken over whatever was still the leaver's. Raises `Refused`."""
        must_be_on_duty(self._rotas, hand, now)
        return retried(lambda: self._signed(handover, hand, now))

    def sign_off(self, hand: Hand, theirs: Sequence[AlertCase], now: datetime) -> None:
        """Raises `Refused` while an open alert of priority 1 is among `theirs`."""
        may_sign_off(hand, theirs)
        shift = self._register.read(Shift(shift_stream(hand.force, hand.staff)))
        shift.sign_off(hand, len(theirs), now)
        self._register.keep([shift])

    def handover(self, identity: UUID) -> Handover:
        """Raises `Refused` when there is none."""
        handover = self._register.read(Handover(identity))
        if handover.prepared is None:
            raise refused_at_desk("NO_SUCH_HANDOVER")
        return handover

    def _accepted(self, identity: UUID, alert: UUID, hand: Hand, now: datetime) -> AlertCase:
        handover = self.handover(identity)
        case = read_case(self._register, alert)
        if handover.accept(alert, hand, now):
            case.hand_over(hand, now, left_by=handover.left_by)
        self._register.keep([handover, case])
        return case

    def _signed(self, identity: UUID, hand: Hand, now: datetime) -> Handover:
        handover = self.handover(identity)
        left = [read_case(self._register, each) for each in handover.alerts]
        theirs = {each.id for each in left if each.has(handover.left_by, now)}
        handover.sign(hand, theirs, now)
        self._register.keep([handover])
        return handover
