"""Reads the log on PostgreSQL in order, waits for more of it, and outlasts its server's absence."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Generic, TypeVar

from eventsourcing.persistence import Notification

from domain.brought import BringAlong
from domain.published import OrderEvent
from spowatch.store.log_postgres import PostgresLog
from spowatch.store.sqlite_connection import StoreUnavailable

POLL_INTERVAL = 1.0
"""Seconds until a waiting reader looks for itself, whether or not it was told of a commit."""

_T = TypeVar("_T")


class Looks(Generic[_T]):
    """Looks at the log when there may be something new: whoever has just read it to its end waits first."""

    def __init__(self, log: PostgresLog, place: Callable[[_T], int]) -> None:
        self._watch = log.watch
        self._place = place
        self._end: tuple[int, int] | None = None
        """A turn of the watch, and the position past which there was nothing then."""
        self._watch.start()

    def awaited(
        self, look: Callable[[], Sequence[_T]], after: int, *, limit: int, wait: float
    ) -> Sequence[_T]:
        """What `look` finds past `after`, `limit` at most; empty after `wait` seconds."""
        deadline = monotonic() + wait
        turn = self._watch.turn
        if wait > 0 and self._end == (turn, after):
            self._watch.wait_past(turn, min(wait, POLL_INTERVAL))
        while True:
            turn = self._watch.turn
            try:
                found = look()
            except StoreUnavailable:
                if monotonic() >= deadline:
                    raise
            else:
                if len(found) < limit:
                    self._end = turn, self._place(found[-1]) if found else after
                if found or monotonic() >= deadline:
                    return found
            self._watch.wait_past(turn, min(deadline - monotonic(), POLL_INTERVAL))


class PostgresLogReader:
    """Misses nothing: positions follow commits, and the turn is taken before each look.

    It depends on nobody's call: what wakes it may be dead, and it still looks once a second.
    """

    def __init__(self, log: PostgresLog) -> None:
        self._log = log
        self._looks = Looks[Notification](log, lambda last: last.id)

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds.

        Raises `StoreUnavailable` when the server is away until the wait is over.
        """

        def look() -> Sequence[Notification]:
            return self._log.select_notifications(after, limit, inclusive_of_start=False)

        return self._looks.awaited(look, after, limit=limit, wait=wait)


class PostgresEventReader:
    """The same as thin references, for consumers that load what they need themselves."""

    def __init__(self, log: PostgresLog) -> None:
        self._log = log
        self._looks = Looks[OrderEvent](log, lambda last: last.position)

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """As `PostgresLogReader.read`."""

        def look() -> Sequence[OrderEvent]:
            return self._log.select_references(after, limit)

        return self._looks.awaited(look, after, limit=limit, wait=wait)


class PostgresDeskReader:
    """As `PostgresEventReader`, and by the same query what the desk said that it will ask for next."""

    def __init__(self, log: PostgresLog, along: BringAlong) -> None:
        self._log = log
        self._along = along
        self._looks = Looks[OrderEvent](log, lambda last: last.position)

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """As `PostgresLogReader.read`."""
        return self._looks.awaited(lambda: self._look(after, limit), after, limit=limit, wait=wait)

    def _look(self, after: int, limit: int) -> Sequence[OrderEvent]:
        asked = self._along
        wanted = asked.topics, asked.past, asked.of_people
        found, asked.brought = self._log.select_along(after, limit, *wanted)
        return found
