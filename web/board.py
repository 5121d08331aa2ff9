"""The arrest board in memory: every open alert, kept up to the log by one loop, told on as it changes."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.batches import POISON
from domain.desk.case import AlertCase
from domain.desk.events import DeskEvent
from domain.events import EVENT_TYPES
from domain.published import EventReader, OrderEvent
from domain.register import OrderRegister
from web.board_rows import BoardRow, row_of

BATCH = 1000
_CONCERNS = frozenset(
    topic
    for topic, kind in EVENT_TYPES.items()
    if issubclass(kind, AlertRaised | AlertWithdrawn | DeskEvent)
)


@dataclass(frozen=True, slots=True)
class Change:
    """A row before and after; None where it did not stand on any board."""

    position: int
    alert: UUID
    before: BoardRow | None
    after: BoardRow | None


Told = Callable[[Sequence[Change], int], None]


class Board:
    """`work` is called by one thread; `rows` by any."""

    def __init__(self, reader: EventReader, register: OrderRegister, told: Told) -> None:
        """`told` hears every change, and each time how far the log has been read."""
        self._reader = reader
        self._register = register
        self._told = told
        self._lock = threading.Lock()
        self._rows: dict[UUID, BoardRow] = {}
        self._position = 0
        self.unreadable: set[UUID] = set()

    def rows(self) -> tuple[list[BoardRow], int]:
        """Every open alert in the order of the board, and the position of the log that is of."""
        with self._lock:
            rows, position = list(self._rows.values()), self._position
        return sorted(rows, key=lambda row: row.order), position

    def fill(self) -> None:
        """Read everything there is; nobody listens yet."""
        while self.work(0):
            pass

    def work(self, wait: float) -> int:
        """Read what is new, waiting for it at most `wait` seconds; how many events."""
        events = self._reader.read(self._position, limit=BATCH, wait=wait)
        touched = {each.stream_id: each for each in events if each.topic in _CONCERNS}
        changes = [self._changed(event) for event in touched.values()]
        changes.sort(key=lambda change: change.position)
        with self._lock:
            for change in changes:
                self._put(change)
            if events:
                self._position = events[-1].position
        self._told(changes, self._position)
        return len(events)

    def _changed(self, event: OrderEvent) -> Change:
        before = self._rows.get(event.stream_id)
        try:
            case = self._register.read(AlertCase(event.stream_id))
            after = row_of(case, event.position)
        except POISON:
            # It is parked by the reader that delivers it; here it must not take the board away.
            self.unreadable.add(event.stream_id)
            after = before
        return Change(event.position, event.stream_id, before, after)

    def _put(self, change: Change) -> None:
        if change.after is None:
            self._rows.pop(change.alert, None)
        else:
            self._rows[change.alert] = change.after
