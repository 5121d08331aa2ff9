"""A person's shifts at the desk: that they signed off, and what was still theirs then."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from domain.desk.hands import Hand
from domain.dossier import NAMESPACE
from domain.events import Event, RecordedEvent, Stream
from domain.facts.words import StaffNumber


class SignedOff(Event):
    """Somebody went off duty; none of the `alerts` still theirs was an open one of priority 1."""

    TOPIC = "spo.signed-off.v1"
    staff: StaffNumber
    alerts: int


def shift_stream(force: str, staff: str) -> UUID:
    return uuid5(NAMESPACE, f"shift:{force}:{staff}")


@dataclass(slots=True)
class Shift(Stream):
    """When one person of a force signed off, the latest last."""

    signed_off_at: list[datetime] = field(default_factory=list)

    def sign_off(self, hand: Hand, alerts: int, now: datetime) -> None:
        """`domain.desk.handovers.may_sign_off` says whether they may."""
        self._record(SignedOff(staff=hand.staff, alerts=alerts), hand.envelope(now))

    def apply(self, recorded: RecordedEvent) -> None:
        self.signed_off_at.append(recorded.envelope.recorded_at)
