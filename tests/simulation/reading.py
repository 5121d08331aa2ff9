"""How an actor reads the log: never waiting, and telling the scheduler how long it would have."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.published import EventReader, OrderEvent

LONGEST_POLL = 1.0
"""Seconds: whoever sleeps looks again by itself, when the wake-up was lost."""


@dataclass(slots=True)
class Sleepless:
    """A reader of the log; `would_wait` are the seconds its reader asked to wait for news."""

    reader: EventReader
    would_wait: float = LONGEST_POLL
    found: bool = False
    """Whether the last look found anything: whoever did nothing with it looks again."""

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        self.would_wait = wait
        events = self.reader.read(after, limit=limit, wait=0)
        self.found = bool(events)
        return events
