"""What every stored event has: a payload with a topic of its own, and the envelope around it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic
from uuid import UUID, uuid5

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict
from pydantic.dataclasses import dataclass as validated
from typing_extensions import TypeIs, TypeVar

EVENT_TYPES: dict[str, type["Event"]] = {}
"""Every concrete event class by its topic; filled as the classes are defined."""


class Event(BaseModel):
    """Something that happened, in police and court words; frozen, and for ever.

    A concrete event names its own `TOPIC`, version included, and is never subclassed.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    TOPIC: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        topic = cls.__dict__.get("TOPIC")
        if topic is None:
            return
        if topic in EVENT_TYPES:
            msg = f"two events claim the topic {topic}"
            raise TypeError(msg)
        EVENT_TYPES[topic] = cls


def _in_utc(instant: datetime) -> datetime:
    """Of two zones, even both UTC, a comparison asks each for its offset: ten times the cost."""
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


@validated(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Envelope:
    """Who, when and why, the same for every event.

    `occurred_at` is when it happened, `recorded_at` when it became known, `entered_at` when this
    store accepted it (imports of older records know the first two from their source).
    `law` names the regime pack the decision was taken under.
    """

    occurred_at: Instant
    recorded_at: Instant
    entered_at: AwareDatetime
    subject_id: UUID | None = None
    actor: str = "system"
    role: str = "system"
    force: str = ""
    terminal: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    law: str = ""
    command_id: str | None = None


E_co = TypeVar("E_co", bound=Event, default=Event, covariant=True)
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class RecordedEvent(Generic[E_co]):
    """An event at its place in a stream; what the event store keeps."""

    originator_id: UUID
    originator_version: int
    envelope: Envelope
    event: E_co

    @property
    def event_id(self) -> UUID:
        """The event's identity for ever: derived from its place, so that it can never differ."""
        return event_id(self.originator_id, self.originator_version)

    @property
    def correlation_id(self) -> UUID:
        """Everything that came of one event has that event's id here: what began it has its own."""
        return self.envelope.correlation_id or self.event_id

    @property
    def topic(self) -> str:
        return self.event.TOPIC


def done_at(
    now: datetime,
    *,
    actor: str,
    role: str,
    force: str = "",
    terminal: str | None = None,
    subject_id: UUID | None = None,
) -> Envelope:
    """The envelope of what happens, becomes known and is written down at one moment."""
    return Envelope(
        occurred_at=now,
        recorded_at=now,
        entered_at=now,
        subject_id=subject_id,
        actor=actor,
        role=role,
        force=force,
        terminal=terminal,
    )


def holds(recorded: RecordedEvent, kind: type[E]) -> TypeIs[RecordedEvent[E]]:
    """Whether the event at this place is of that kind."""
    return isinstance(recorded.event, kind)


@lru_cache(maxsize=4096)
def event_id(originator_id: UUID, version: int) -> UUID:
    return uuid5(originator_id, str(version))


@dataclass(slots=True)
class Stream:
    """The pending half of an aggregate: its id, its version, and the events not yet saved."""

    id: UUID
    version: int = 0
    _pending: list[RecordedEvent] = field(default_factory=list)

    @property
    def unsaved(self) -> Sequence[RecordedEvent]:
        """What was recorded and not yet handed over to be saved."""
        return tuple(self._pending)

    def collect_events(self) -> list[RecordedEvent]:
        """Hand the new events over to be saved; the library's protocol for aggregates."""
        pending, self._pending = self._pending, []
        return pending

    def apply(self, recorded: RecordedEvent) -> None:
        """Write down what was decided. Holds no rule: it runs again at every reading."""
        raise NotImplementedError

    def _record(self, event: Event, envelope: Envelope) -> RecordedEvent:
        recorded = RecordedEvent(self.id, self.version + 1, envelope, event)
        self._pending.append(recorded)
        self.apply(recorded)
        self.version += 1
        return recorded

    def fold(self, history: Iterable[RecordedEvent]) -> None:
        for recorded in history:
            self.apply(recorded)
            self.version = recorded.originator_version


def earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
