"""Who may send from this store: a machine that is new to it, or a log that went back, waits for a person.

A log restored from a backup has forgotten what was sent since, and a copy of a store would send it all
once more. The receivers know our ids; their people should not have to.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream, done_at
from domain.facts.words import ShortText, StaffNumber, Word

SENDING: UUID = uuid5(NAMESPACE, "sending")


class HeldBecause(StrEnum):
    """Why nothing goes out from a machine."""

    NEW_MACHINE = "new_machine"
    """Another machine or directory sent from this log before, and this one never did."""
    LOG_WENT_BACK = "log_went_back"
    """Something was sent from here that the log knows nothing of."""


class SendingBegun(Event):
    """The first machine to send from this store."""

    TOPIC = "spo.sending-begun.v1"
    sender: Word


class SendingHeld(Event):
    """Nothing goes out from that machine until a person releases it."""

    TOPIC = "spo.sending-held.v1"
    sender: Word
    why: HeldBecause


class SendingReleased(Event):
    """A person looked, and lets that machine send what is still to be sent."""

    TOPIC = "spo.sending-released.v1"
    sender: Word
    reason: ShortText


@dataclass(slots=True)
class SendingRecord(Stream):
    """Which machines send, and which wait, each by the name it has in the log."""

    may_send: set[str] = field(default_factory=set)
    held: dict[str, HeldBecause] = field(default_factory=dict)
    released_at: dict[str, datetime] = field(default_factory=dict)

    def begin(self, sender: str, now: datetime) -> None:
        """Only where nobody has ever sent."""
        if self.version == 0:
            self._record(SendingBegun(sender=sender), _aside(now, "delivery"))

    def hold(self, sender: str, why: HeldBecause, now: datetime) -> None:
        if sender not in self.held:
            self._record(SendingHeld(sender=sender, why=why), _aside(now, "delivery"))

    def release(self, staff: StaffNumber, reason: str, now: datetime) -> tuple[str, ...]:
        """Every machine that waits; which they were."""
        waiting = tuple(self.held)
        for sender in waiting:
            self._record(SendingReleased(sender=sender, reason=reason), _aside(now, staff))
        return waiting

    def apply(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case SendingBegun(sender=sender):
                self.may_send.add(sender)
            case SendingHeld(sender=sender, why=why):
                self.held[sender] = why
                self.may_send.discard(sender)
            case SendingReleased(sender=sender):
                self.held.pop(sender, None)
                self.may_send.add(sender)
                self.released_at[sender] = recorded.envelope.recorded_at
            case _:
                pass


def _aside(now: datetime, actor: str) -> Envelope:
    return done_at(now, actor=actor, role="deliver")
