"""What leaves the log for the broker: thin references as CloudEvents, nothing personal.

Binary mode of the CloudEvents Kafka binding: everything a reader needs stands in the headers. The key
is the order's id, so that all of an order stays in one partition, in the order of the log.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

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
_MEDIA_TYPE = b"application/json"
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

    @property
    def event_id(self) -> bytes:
        return dict(self.headers)["ce_id"]


class Unreadable(ValueError):
    """A record that is not a message of ours. Says what is missing, never what it holds."""


def topics_for(event_topic: str) -> tuple[str, ...]:
    """The broker's topics an event of that topic goes to."""
    kind = EVENT_TYPES.get(event_topic)
    if kind is None:
        return (ORDER_EVENTS,)
    return next((to for kinds, to in _ROUTES if issubclass(kind, kinds)), ())


def messages_of(out: Outgoing, prefix: str = "") -> Iterator[Message]:
    """The messages an event becomes; none when it concerns nobody outside.

    `prefix` stands before the name of every topic.
    """
    if out.order_id is None:
        return
    value, headers = _reference(out).model_dump_json().encode(), list(_headers(out))
    for topic in topics_for(out.event.topic):
        yield Message(
            prefix + topic, str(out.order_id).encode(), value, headers, out.event.position
        )


def _reference(out: Outgoing) -> BaseModel:
    event = out.event
    kind = MessageInQuarantine if event.topic == MessageUnread.TOPIC else EventReference
    return kind.model_validate(
        {
            "event_id": event.event_id,
            "order_id": out.order_id,
            "version": event.version,
            "occurred_at": out.occurred_at,
            "recorded_at": out.recorded_at,
            **out.told,
        }
    )


def _headers(out: Outgoing) -> Iterator[Header]:
    event = out.event
    told = {
        "ce_specversion": "1.0",
        "ce_id": event.event_id,
        "ce_source": SOURCE,
        "ce_type": event.topic,
        "ce_subject": event.stream_id,
        "ce_time": None if out.recorded_at is None else out.recorded_at.isoformat(),
        "ce_partitionkey": out.order_id,
        "ce_sequence": event.position,
        "ce_ordersequence": event.version,
        "ce_correlationid": out.correlation_id,
        "ce_causationid": out.causation_id,
    }
    for name, value in told.items():
        if value is not None:
            yield name, str(value).encode()
    yield "content-type", _MEDIA_TYPE


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
