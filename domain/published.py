"""What leaves the register: a thin reference to an event, the same through the log or a broker."""

from collections.abc import Sequence
from dataclasses import dataclass
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


class EventReader(Protocol):
    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        ...
