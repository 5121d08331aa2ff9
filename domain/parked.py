"""Parked events: what a reader could not handle is put on record, and the reader goes on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import ShortText, Word
from domain.published import OrderEvent
from domain.register import OrderRegister


class EventParked(Event):
    """A reader could not handle an event, because its stream cannot be read, and went on."""

    TOPIC = "spo.event-parked.v1"
    stream_id: UUID
    version: int
    topic: ShortText
    reader: Word
    fault: ShortText


@dataclass(slots=True)
class ParkedEvent(Stream):
    """That one reader went on without one event. It is recorded once."""

    parked: EventParked | None = None

    def park(self, parked: EventParked, envelope: Envelope) -> None:
        if self.version == 0:
            self._record(parked, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        parked = recorded.event
        self.parked = parked if isinstance(parked, EventParked) else None


def parked_stream(reader: str, event: OrderEvent) -> UUID:
    return uuid5(NAMESPACE, f"parked:{reader}:{event.stream_id}:{event.version}")


def park(
    register: OrderRegister, reader: str, event: OrderEvent, fault: Exception, now: datetime
) -> ParkedEvent:
    """The record that `reader` went on without `event`, to be saved; nothing new if there is one.

    What is stored under it is counted and not read: it may be as unreadable as the event.
    """
    identity = parked_stream(reader, event)
    parked = ParkedEvent(identity, len(register.recorder.select_events(identity, limit=1)))
    what = EventParked(
        stream_id=event.stream_id,
        version=event.version,
        topic=event.topic,
        reader=reader,
        fault=type(fault).__name__,
    )
    envelope = Envelope(
        occurred_at=now,
        recorded_at=now,
        entered_at=now,
        actor=reader,
        role="reader",
        causation_id=event.event_id,
    )
    parked.park(what, envelope)
    return parked


def read_parked(register: OrderRegister, identity: UUID) -> EventParked:
    """Raises `LookupError` when nothing was parked under that id."""
    stream = register.read(ParkedEvent(identity))
    if stream.parked is None:
        msg = f"nothing is parked under {identity}"
        raise LookupError(msg)
    return stream.parked
