"""Transfer between forces: offered, and theirs only when they say so. Whoever offers owns it till then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.desk.events import (
    AlertClosed,
    TransferAccepted,
    TransferOffered,
    TransferRejected,
    TransferTimedOut,
)
from domain.desk.hands import Hand
from domain.desk.refusals import refused_at_desk
from domain.events import Event


@dataclass(slots=True)
class Transfer:
    """The offer that waits for an answer, if there is one."""

    offer: TransferOffered | None = None

    def offered(
        self, to_force: str, priority: int, reason: str, now: datetime, within: float
    ) -> TransferOffered:
        """An offer that waits `within` seconds for its answer. Refused while another one waits."""
        if self.offer is not None:
            raise refused_at_desk("TRANSFER_PENDING")
        if not reason.strip():
            raise refused_at_desk("REASON_NEEDED")
        answer_by = now + timedelta(seconds=within)
        return TransferOffered(
            to_force=to_force, priority=priority, reason=reason, answer_by=answer_by
        )

    def to_be_answered_by(self, hand: Hand) -> TransferOffered:
        """The offer, when it is that hand's force that must answer it."""
        if self.offer is None:
            raise refused_at_desk("NO_TRANSFER_OFFERED")
        if self.offer.to_force != hand.force:
            raise refused_at_desk("NOT_OFFERED_TO_THIS_FORCE")
        return self.offer

    def apply(self, event: Event) -> None:
        match event:
            case TransferOffered():
                self.offer = event
            case TransferAccepted() | TransferRejected() | TransferTimedOut() | AlertClosed():
                self.offer = None
            case _:
                pass
