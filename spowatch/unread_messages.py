"""Messages that came in and could not be read, for as long as nobody has settled what they were."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from domain.events import Envelope
from domain.register import OrderRegister
from domain.unread import (
    MessageSettled,
    MessageUnread,
    UnreadMessage,
    record_unread,
    unread_stream,
)
from spowatch.log_pages import pages, stream_of
from spowatch.open_store import Store
from spowatch.wiring.store import now

_LONGEST = 200


def not_taken(door: str, reader: str, order: str, raw: bytes, why: str) -> MessageUnread:
    """What came for an order by another way than the broker: the same again is the same message."""
    return MessageUnread(
        topic=door,
        partition=0,
        offset=0,
        reader=reader,
        reason=f"order {order}, {why}"[:_LONGEST],
        sha256=sha256(order.encode() + b"\0" + raw).hexdigest(),
    )


def put_before_a_person(register: OrderRegister, unread: MessageUnread, at: datetime) -> UUID:
    """The id under which a person settles it."""
    record_unread(register, [unread], at)
    return unread_stream(unread)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A message nobody could read, of which nobody has said what it was."""

    stream: UUID
    unread: MessageUnread
    since: datetime

    def as_dict(self) -> dict[str, Any]:
        told = self.unread.model_dump(mode="json")
        return {"stream": str(self.stream), **told, "since": self.since.isoformat()}


def unsettled(store: Store) -> list[Unsettled]:
    """Every such message, in the order they came."""
    waiting = {}
    for found in pages(store, [MessageUnread.TOPIC, MessageSettled.TOPIC]):
        if found.topic == MessageUnread.TOPIC:
            waiting[stream_of(found)] = found
        else:
            waiting.pop(stream_of(found), None)
    read = [(stream, store.mapper.to_domain_event(each)) for stream, each in waiting.items()]
    return [
        Unsettled(stream, each.event, each.envelope.recorded_at)
        for stream, each in read
        if isinstance(each.event, MessageUnread)
    ]


def settled(store: Store, asked: list[UUID], what: MessageSettled, actor: str) -> list[UUID]:
    """Put on record what they turned out to be; those of them that waited for it."""
    return [each for each in asked if _settled(store, each, what, actor)]


def _settled(store: Store, identity: UUID, what: MessageSettled, actor: str) -> bool:
    at = now()
    message = store.register.read(UnreadMessage(identity))
    by = Envelope(occurred_at=at, recorded_at=at, entered_at=at, actor=actor, role="on_call")
    waited = message.unread is not None and message.settle(what, by)
    store.register.keep([message])
    return waited
