"""The role `measure`: follows the log, and tells what it says of the trade and how far each stage has come."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from eventsourcing.persistence import Notification

from domain.batches import POISON
from domain.events import RecordedEvent
from domain.open_alerts import open_alerts
from domain.register import OrderRegister
from spowatch.metrics.on_record import MEASURED, OnRecord
from spowatch.metrics.stages import Growth
from spowatch.metrics.works import STANDING

LOOK_EVERY = 5.0
"""Seconds between two looks at the bookmarks; a scrape itself asks nobody."""

_BATCH = 500
_PAGE = 1_000


class Reader(Protocol):
    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        ...


class Seen(NamedTuple):
    """Where everybody is: each stage's position, and the sweeps."""

    positions: Mapping[str, int]
    swept_at: datetime | None
    next_due: datetime | None


class Measuring:
    """Counts from its own start on. Any number may run, and each tells the whole."""

    def __init__(
        self,
        reader: Reader,
        register: OrderRegister,
        on_record: OnRecord,
        growth: Growth,
        look: Callable[[], Seen],
        clocks: tuple[Callable[[], datetime], Callable[[], float]],
    ) -> None:
        """`clocks`: of the wall, and one that is never set."""
        self._reader = reader
        self._register = register
        self._on_record = on_record
        self._growth = growth
        self._look = look
        self._now, self._monotonic = clocks
        self._position = register.recorder.max_notification_id() or 0
        self._look_at = float("-inf")
        self._growth.grew(self._position, self._monotonic())
        self._begin()

    def work(self, wait: float) -> int:
        """Take in what is new, waiting for it at most `wait` seconds; how many events."""
        found = self._reader.read(self._position, limit=_BATCH, wait=wait)
        now = self._now()
        for each in found:
            self._take(each, now)
        if found:
            self._position = found[-1].id
            self._growth.grew(self._position, self._monotonic())
        self._on_record.tell(now)
        if self._monotonic() >= self._look_at:
            self._look_round()
        return len(found)

    def _take(self, stored: Notification, now: datetime) -> None:
        if stored.topic not in MEASURED:
            return
        try:
            self._on_record.happened(self._read(stored), now)
        except POISON:
            return  # whoever works with it parks it, and that is counted

    def _look_round(self) -> None:
        seen = self._look()
        self._growth.tell(seen.positions, self._monotonic())
        self._growth.tell_sweeps(seen.swept_at, seen.next_due)
        self._look_at = self._monotonic() + LOOK_EVERY

    def _begin(self) -> None:
        """How things stand at the start: open alerts, what is parked, who is silent."""

        def left_out(_: UUID, __: Exception) -> None:
            """It is parked by the reader that needs it."""

        self._on_record.open_before(open_alerts(self._register, left_out), self._now())
        after, full = 0, True
        while full:
            page = self._register.recorder.select_notifications(
                after, _PAGE, stop=self._position, topics=list(STANDING), inclusive_of_start=False
            )
            for each in page:
                self._on_record.stood_before(self._read(each))
            full = len(page) == _PAGE
            after = page[-1].id if page else after

    def _read(self, stored: Notification) -> RecordedEvent:
        (recorded,) = self._register.read_back([stored])
        return recorded
