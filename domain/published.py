"""What leaves the register: a thin reference to an event, the same through the log or a broker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.events import event_id


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """An event by its place: nothing personal in it, and never two at one place."""

    position: int
    topic: str
    stream_id: UUID
    version: int

    @property
    def event_id(self) -> UUID:
        return event_id(self.stream_id, self.version)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event with what others may know of it beside its place.

    `order_id` is None for what is on record of a person: it is copied into each of their orders.
    """

    event: OrderEvent
    order_id: UUID | None
    recorded_at: datetime | None = None
    occurred_at: datetime | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    told: Mapping[str, object] = field(default_factory=dict)
    """What goes out of the event itself; almost nothing does."""


class EventReader(Protocol):
    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        ...
