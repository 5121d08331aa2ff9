"""Parked events: what a reader could not handle is put on record, and the reader goes on.

Once a person has mended the cause, the same record says that the reader is to handle it now.
"""

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


class EventRedriven(Event):
    """What was parked can be read again; its reader is to handle it now."""

    TOPIC = "spo.event-redriven.v1"


class EventDiscarded(Event):
    """A person decided that the reader does without what was parked, and why."""

    TOPIC = "spo.event-discarded.v1"
    reason: ShortText


@dataclass(slots=True)
class ParkedEvent(Stream):
    """That one reader went on without one event: parked, redriven or discarded, perhaps parked again.

    So its version alone says how it stands, should what is stored be as unreadable as the event.
    """

    parked: EventParked | None = None
    parked_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether the reader is still without it."""
        return self.version % 2 == 1

    def park(self, parked: EventParked, envelope: Envelope) -> None:
        if not self.waits:
            self._record(parked, envelope)

    def redrive(self, envelope: Envelope) -> None:
        if self.waits:
            self._record(EventRedriven(), envelope)

    def discard(self, reason: str, envelope: Envelope) -> None:
        if self.waits:
            self._record(EventDiscarded(reason=reason), envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, EventParked):
            self.parked, self.parked_at = recorded.event, recorded.envelope.recorded_at


def parked_stream(reader: str, event: OrderEvent) -> UUID:
    return uuid5(NAMESPACE, f"parked:{reader}:{event.stream_id}:{event.version}")


def waits(register: OrderRegister, reader: str, event: OrderEvent) -> bool:
    """Whether `reader` went on without `event`, and was not told to handle it since."""
    return _counted(register, parked_stream(reader, event)).waits


def park(
    register: OrderRegister, reader: str, event: OrderEvent, fault: Exception, now: datetime
) -> ParkedEvent:
    """The record that `reader` went on without `event`, to be saved; nothing new if there is one."""
    parked = _counted(register, parked_stream(reader, event))
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


def _counted(register: OrderRegister, identity: UUID) -> ParkedEvent:
    return ParkedEvent(identity, len(register.recorder.select_events(identity)))


def redrive(register: OrderRegister, identity: UUID, actor: str, now: datetime) -> ParkedEvent:
    """The record that the reader is to handle it now, to be saved; nothing new if it does not wait."""
    parked = register.read(ParkedEvent(identity))
    parked.redrive(_by(actor, now))
    return parked


def discard(
    register: OrderRegister, identity: UUID, reason: str, actor: str, now: datetime
) -> ParkedEvent:
    """The record that the reader does without it, to be saved; nothing new if it does not wait."""
    parked = register.read(ParkedEvent(identity))
    parked.discard(reason, _by(actor, now))
    return parked


def _by(actor: str, now: datetime) -> Envelope:
    return Envelope(occurred_at=now, recorded_at=now, entered_at=now, actor=actor, role="on_call")


def redriven_event(parked: EventParked, position: int) -> OrderEvent:
    """What was parked, as its reader is to be given it; `position` is where it was asked to."""
    return OrderEvent(position, parked.topic, parked.stream_id, parked.version)


def as_given(register: OrderRegister, reader: str, event: OrderEvent) -> OrderEvent:
    """The event itself, or the one that `reader` was without and is to handle now."""
    if event.topic != EventRedriven.TOPIC:
        return event
    parked = read_parked(register, event.stream_id)
    return redriven_event(parked, event.position) if parked.reader == reader else event


def read_parked(register: OrderRegister, identity: UUID) -> EventParked:
    """Raises `LookupError` when nothing was parked under that id."""
    stream = register.read(ParkedEvent(identity))
    if stream.parked is None:
        msg = f"nothing is parked under {identity}"
        raise LookupError(msg)
    return stream.parked
