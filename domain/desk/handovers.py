"""Shift hand-over: what is open is read out, taken by name alert by alert, and signed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.alerts import Priority
from domain.desk.hands import Hand
from domain.desk.record import AlertOnRecord
from domain.desk.refusals import refused_at_desk
from domain.events import Event, RecordedEvent, Stream
from domain.facts.words import ShortText, StaffNumber


class HandoverPrepared(Event):
    """What the shift leaves: every alert that is still theirs, and what the next must know."""

    TOPIC = "spo.handover-prepared.v1"
    staff: StaffNumber
    alerts: tuple[UUID, ...]
    note: ShortText = ""


class HandoverAccepted(Event):
    """One alert was taken by somebody of the next shift."""

    TOPIC = "spo.handover-accepted.v1"
    alert_id: UUID
    staff: StaffNumber


class HandoverSigned(Event):
    """The shift may go: nothing is left with them."""

    TOPIC = "spo.handover-signed.v1"
    staff: StaffNumber


@dataclass(slots=True)
class Handover(Stream):
    """One hand-over. The alerts stay with whoever hands over until they are taken."""

    prepared: HandoverPrepared | None = None
    accepted: dict[UUID, str] = field(default_factory=dict)
    signed: bool = False
    force: str = ""

    @property
    def left_by(self) -> str:
        return "" if self.prepared is None else self.prepared.staff

    @property
    def alerts(self) -> tuple[UUID, ...]:
        return () if self.prepared is None else self.prepared.alerts

    @property
    def note(self) -> str:
        """What the next shift must know, in the words of whoever leaves; empty where nothing was said."""
        return "" if self.prepared is None else self.prepared.note

    def prepare(self, hand: Hand, alerts: Sequence[UUID], now: datetime, note: str = "") -> None:
        if self.prepared is None:
            prepared = HandoverPrepared(staff=hand.staff, alerts=tuple(alerts), note=note)
            self._record(prepared, hand.envelope(now))

    def accept(self, alert: UUID, hand: Hand, now: datetime) -> bool:
        """Whether `hand` takes that alert now; then the alert itself is told in the same transaction."""
        prepared = self._unsigned(hand)
        if alert not in prepared.alerts:
            raise refused_at_desk("NOT_ON_THIS_HANDOVER")
        if hand.staff == prepared.staff:
            raise refused_at_desk("HANDOVER_TO_ONESELF")
        if self.accepted.get(alert) == hand.staff:
            return False
        self._record(HandoverAccepted(alert_id=alert, staff=hand.staff), hand.envelope(now))
        return True

    def sign(self, hand: Hand, theirs: Collection[UUID], now: datetime) -> None:
        """Whoever takes over signs; every alert that is still `theirs`, the leaver's, must be taken.

        One that was closed, or that somebody else has by now, is nobody's to hand over.
        """
        prepared = self._unsigned(hand)
        if hand.staff == prepared.staff:
            raise refused_at_desk("HANDOVER_TO_ONESELF")
        if set(prepared.alerts) & set(theirs) - set(self.accepted):
            raise refused_at_desk("ALERTS_NOT_ACCEPTED")
        self._record(HandoverSigned(staff=hand.staff), hand.envelope(now))

    def _unsigned(self, hand: Hand) -> HandoverPrepared:
        if self.prepared is None:
            raise refused_at_desk("NOT_ON_THIS_HANDOVER")
        if self.signed:
            raise refused_at_desk("SHIFT_ALREADY_SIGNED")
        if hand.force != self.force:
            raise refused_at_desk("OF_ANOTHER_FORCE")
        return self.prepared

    def apply(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case HandoverPrepared() as prepared:
                self.prepared, self.force = prepared, recorded.envelope.force
            case HandoverAccepted() as accepted:
                self.accepted[accepted.alert_id] = accepted.staff
            case HandoverSigned():
                self.signed = True
            case _:
                pass


def may_sign_off(hand: Hand, alerts: Iterable[AlertOnRecord]) -> None:
    """Refused while an open alert of the highest priority is still this person's."""
    for alert in alerts:
        mine = alert.ownership.staff == hand.staff
        if mine and alert.open and alert.priority == Priority.IMMEDIATE:
            raise refused_at_desk("OPEN_PRIORITY_ONE")
