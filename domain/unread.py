"""Messages nobody could read: where they lie and why, on record and put before a person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import ShortText, Word
from domain.register import OrderRegister


class MessageUnread(Event):
    """A message came in that is none of ours; it may have been meant to report a breach.

    Only where it lies and the hash of its bytes are kept: whatever it holds stays there.
    """

    TOPIC = "spo.message-unread.v1"
    topic: ShortText
    partition: int
    offset: int
    reader: Word
    reason: ShortText
    sha256: ShortText


@dataclass(slots=True)
class UnreadMessage(Stream):
    """One such message. It is recorded once, however often it is met."""

    unread: MessageUnread | None = None

    def meet(self, unread: MessageUnread, envelope: Envelope) -> None:
        if self.version == 0:
            self._record(unread, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        unread = recorded.event
        self.unread = unread if isinstance(unread, MessageUnread) else None


def record_unread(register: OrderRegister, unread: MessageUnread, now: datetime) -> None:
    """Raises `IntegrityError` when another reader recorded the same message in this moment."""
    place = f"unread:{unread.topic}:{unread.partition}:{unread.offset}:{unread.sha256}"
    message = register.read(UnreadMessage(uuid5(NAMESPACE, place)))
    envelope = Envelope(
        occurred_at=now, recorded_at=now, entered_at=now, actor=unread.reader, role="reader"
    )
    message.meet(unread, envelope)
    register.keep([message])


def read_unread(register: OrderRegister, identity: UUID) -> MessageUnread:
    """Raises `LookupError` when there is no such message on record."""
    stream = register.read(UnreadMessage(identity))
    if stream.unread is None:
        msg = f"no unread message is recorded under {identity}"
        raise LookupError(msg)
    return stream.unread
