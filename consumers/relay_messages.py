"""What leaves the log for the broker: thin references as CloudEvents, nothing personal.

Binary mode of the CloudEvents Kafka binding: everything a reader needs stands in the headers. The key
is the order's id, so that all of an order stays in one partition, in the order of the log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.events import EVENT_TYPES
from domain.facts import Fact
from domain.findings import Finding, FindingWithdrawn
from domain.line_tests import LineTestBegun
from domain.orders import FactRefused, OrderOpened
from domain.published import OrderEvent, Outgoing
from domain.unread import MessageUnread

ORDER_EVENTS = "spo.order.events.v1"
ALERT_REQUESTED = "spo.alert.requested.v1"
ALERT_OUTCOME = "spo.alert.outcome.v1"
QUARANTINE = "spo.quarantine.v1"
SOURCE = "/spowatch/log"
_SPECIFIED = "ce_specversion", b"1.0"
_FROM_US = "ce_source", SOURCE.encode()
_JSON = "content-type", b"application/json"
_CONCLUSIONS = (Finding, FindingWithdrawn)
_ROUTES: tuple[tuple[tuple[type, ...], tuple[str, ...]], ...] = (
    (_CONCLUSIONS, (ALERT_REQUESTED, ORDER_EVENTS)),
    ((Fact, FactRefused, OrderOpened), (ORDER_EVENTS,)),
    ((AlertRaised, AlertWithdrawn), (ALERT_OUTCOME,)),
    ((LineTestBegun,), (ALERT_REQUESTED,)),
    ((MessageUnread,), (QUARANTINE,)),
)
"""Where an event goes, the urgent first. Everything else stays in the log."""

Header = tuple[str, bytes]


class EventReference(BaseModel):
    """Where an event stands and when it happened. What it says is asked of the register."""

    model_config = ConfigDict(frozen=True)

    event_id: UUID
    order_id: UUID
    version: int
    occurred_at: datetime | None = None
    recorded_at: datetime | None = None


class MessageInQuarantine(EventReference):
    """A record nobody could read: where it lies and why, never what it holds."""

    topic: str
    partition: int
    offset: int
    reader: str
    reason: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Message:
    """One record for the broker."""

    topic: str
    key: bytes
    value: bytes
    headers: list[Header]
    position: int
    event_id: bytes


class Unreadable(ValueError):
    """A record that is not a message of ours. Says what is missing, never what it holds."""


@cache
def topics_for(event_topic: str) -> tuple[str, ...]:
    """The broker's topics an event of that topic goes to."""
    kind = EVENT_TYPES.get(event_topic)
    if kind is None:
        return (ORDER_EVENTS,)
    return next((to for kinds, to in _ROUTES if issubclass(kind, kinds)), ())


def messages_of(out: Outgoing, prefix: str = "") -> list[Message]:
    """The messages an event becomes; none when it concerns nobody outside.

    `prefix` stands before the name of every topic.
    """
    topics = () if out.order_id is None else topics_for(out.event.topic)
    if not topics:
        return []
    key, identity = str(out.order_id).encode(), str(out.event.event_id).encode()
    value, headers = _value(out), _headers(out, key, identity)
    return [
        Message(prefix + topic, key, value, headers, out.event.position, identity)
        for topic in topics
    ]


def _value(out: Outgoing) -> bytes:
    """As the model of its topic says; one is made only where something is told that was read."""
    event = out.event
    told = {
        "event_id": event.event_id,
        "order_id": out.order_id,
        "version": event.version,
        "occurred_at": out.occurred_at,
        "recorded_at": out.recorded_at,
        **out.told,
    }
    if event.topic == MessageUnread.TOPIC:
        return MessageInQuarantine.model_validate(told).model_dump_json().encode()
    return to_json(told)


def _headers(out: Outgoing, key: bytes, identity: bytes) -> list[Header]:
    event = out.event
    stream = key if event.stream_id == out.order_id else str(event.stream_id).encode()
    headers = [
        _SPECIFIED,
        ("ce_id", identity),
        _FROM_US,
        ("ce_type", event.topic.encode()),
        ("ce_subject", stream),
    ]
    if out.recorded_at is not None:
        headers.append(("ce_time", out.recorded_at.isoformat().encode()))
    headers += (
        ("ce_partitionkey", key),
        ("ce_sequence", b"%d" % event.position),
        ("ce_ordersequence", b"%d" % event.version),
    )
    if out.correlation_id is not None:
        headers.append(("ce_correlationid", str(out.correlation_id).encode()))
    if out.causation_id is not None:
        headers.append(("ce_causationid", str(out.causation_id).encode()))
    return [*headers, _JSON]


def event_of(headers: Iterable[Header], key: bytes | None) -> OrderEvent:
    """The reference a record carries. Raises `Unreadable`.

    An event of a kind or version that this program does not know may demand an alert: it is not
    passed over as if it did not.
    """
    told = dict(headers)
    event = _place_of(told)
    if event.topic not in EVENT_TYPES:
        msg = "ce_type is no event that this release knows"
        raise Unreadable(msg)
    if key != told.get("ce_partitionkey"):
        msg = "the key is not the order it names"
        raise Unreadable(msg)
    return event


def _place_of(told: Mapping[str, bytes]) -> OrderEvent:
    try:
        event = OrderEvent(
            position=int(told["ce_sequence"]),
            topic=told["ce_type"].decode(),
            stream_id=UUID(told["ce_subject"].decode()),
            version=int(told["ce_ordersequence"]),
        )
        claimed = UUID(told["ce_id"].decode())
    except KeyError as missing:
        msg = f"the header {missing.args[0]} is missing"
        raise Unreadable(msg) from None
    except (ValueError, TypeError, AttributeError):
        msg = "a header does not hold what it should"
        raise Unreadable(msg) from None
    if claimed != event.event_id:
        msg = "ce_id is not the id of the event at that place"
        raise Unreadable(msg)
    return event
