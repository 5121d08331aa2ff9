"""Holding back: until when nobody is told, by a decision on record. A new breach ends it at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.alerts import Priority
from domain.desk.events import AlertHeld, AlertResounded
from domain.events import Event


@dataclass(slots=True)
class Holding:
    """Priority 1 is never held, whenever it became that."""

    until: datetime | None = None
    by: UUID | None = None

    def apply(self, event: Event, priority: int, known_at: datetime) -> None:
        if isinstance(event, AlertHeld):
            self.until, self.by = event.until, event.suppression
        over = isinstance(event, AlertResounded) or priority == Priority.IMMEDIATE
        if over and self.until is not None:
            self.until = min(self.until, known_at)
