"""Messages nobody could read: where they lie and why, put before a person until one settles what it was."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from eventsourcing.persistence import IntegrityError

from domain.batches import read_all
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


class TurnedOut(StrEnum):
    """What a message was, of which nothing could be read."""

    ENTERED_BY_HAND = "entered_by_hand"
    SENT_AGAIN = "sent_again"
    NO_REPORT = "no_report"


class MessageSettled(Event):
    """A person found out what a message was that could not be read; nobody need look at it any more."""

    TOPIC = "spo.message-settled.v1"
    turned_out: TurnedOut
    reason: ShortText


@dataclass(slots=True)
class UnreadMessage(Stream):
    """One such message. It is recorded once, however often it is met, and settled once."""

    unread: MessageUnread | None = None

    def meet(self, unread: MessageUnread, envelope: Envelope) -> None:
        if self.version == 0:
            self._record(unread, envelope)

    def settle(self, settled: MessageSettled, envelope: Envelope) -> bool:
        """Whether it was waited for: of what never came, or is settled, nothing is recorded."""
        waited = self.version == 1
        if waited:
            self._record(settled, envelope)
        return waited

    def apply(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, MessageUnread):
            self.unread = recorded.event


def record_unread(register: OrderRegister, unread: Sequence[MessageUnread], now: datetime) -> None:
    """Each once, in one transaction, whoever else meets them in the same moment."""
    try:
        _keep(register, unread, now)
    except IntegrityError:
        for each in unread:
            with suppress(IntegrityError):
                _keep(register, [each], now)


def _keep(register: OrderRegister, unread: Sequence[MessageUnread], now: datetime) -> None:
    by_place = {unread_stream(each): each for each in unread}
    messages = read_all(register, UnreadMessage, list(by_place))
    for identity, message in messages.items():
        each = by_place[identity]
        envelope = Envelope(
            occurred_at=now, recorded_at=now, entered_at=now, actor=each.reader, role="reader"
        )
        message.meet(each, envelope)
    register.keep(messages.values())


def unread_stream(each: MessageUnread) -> UUID:
    """The id it has on record: one for each place and content."""
    return uuid5(NAMESPACE, _place(each))


def _place(unread: MessageUnread) -> str:
    return f"unread:{unread.topic}:{unread.partition}:{unread.offset}:{unread.sha256}"


def read_unread(register: OrderRegister, identity: UUID) -> MessageUnread:
    """Raises `LookupError` when there is no such message on record."""
    stream = register.read(UnreadMessage(identity))
    if stream.unread is None:
        msg = f"no unread message is recorded under {identity}"
        raise LookupError(msg)
    return stream.unread
