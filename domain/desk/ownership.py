"""Who owns an alert, and until when. A lease without progress runs out: nobody sits on an alert."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.desk.events import (
    AlertAcknowledged,
    AlertClosed,
    AlertHandedOver,
    AlertReopened,
    AlertResounded,
    AlertTasked,
    EscalationStarted,
    LeaseRanOut,
    OutcomeRecorded,
    TransferAccepted,
    UnitAttending,
)
from domain.desk.hands import Hand
from domain.desk.refusals import refused_at_desk
from domain.events import Event


@dataclass(slots=True)
class Ownership:
    """At most one owner. None of them is one of the people an order is about."""

    staff: str | None = None
    lease_until: datetime | None = None

    def owner_at(self, now: datetime) -> str | None:
        """Who has it at `now`, be it that no sweep has looked at the lease yet."""
        over = self.lease_until is not None and now >= self.lease_until
        return None if over else self.staff

    def taken(self, hand: Hand, now: datetime, lease: float) -> AlertAcknowledged:
        """Taken, or kept on, for `lease` seconds. Refused while somebody else has it."""
        if self.staff not in (None, hand.staff):
            raise refused_at_desk("OWNED_BY_ANOTHER")
        until = now + timedelta(seconds=lease)
        return AlertAcknowledged(staff=hand.staff, duty=hand.role, lease_until=until)

    def must_be(self, hand: Hand) -> None:
        if self.staff != hand.staff:
            raise refused_at_desk("NOT_THE_OWNER")

    def lasts_no_longer_than(self, started: EscalationStarted) -> None:
        """A more urgent policy gives whoever has the alert less time, not what the old one gave."""
        if self.lease_until is not None:
            most = started.started_at + timedelta(seconds=started.policy.lease)
            self.lease_until = min(self.lease_until, most)

    def apply(self, event: Event) -> None:
        match event:
            case AlertAcknowledged() | AlertHandedOver() | TransferAccepted():
                self.staff, self.lease_until = event.staff, event.lease_until
            case AlertTasked() | UnitAttending() | OutcomeRecorded():
                self.lease_until = event.lease_until
            case LeaseRanOut() | AlertResounded() | AlertClosed() | AlertReopened():
                self.staff = self.lease_until = None
            case _:
                pass
