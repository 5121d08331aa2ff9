"""Reads the log on PostgreSQL in order, waits for more of it, and outlasts its server's absence."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

from eventsourcing.persistence import Notification

from domain.brought import BringAlong
from domain.published import OrderEvent
from spowatch.store.log_postgres import PostgresLog
from spowatch.store.sqlite_connection import StoreUnavailable

POLL_INTERVAL = 1.0
"""Seconds until a waiting reader looks for itself, whether or not it was told of a commit."""

_T = TypeVar("_T")


class PostgresLogReader:
    """Misses nothing: positions follow commits, and the turn is taken before each look.

    It depends on nobody's call: what wakes it may be dead, and it still looks once a second.
    """

    def __init__(self, log: PostgresLog) -> None:
        self._log = log
        log.watch.start()

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds.

        Raises `StoreUnavailable` when the server is away until the wait is over.
        """

        def look() -> Sequence[Notification]:
            return self._log.select_notifications(after, limit, inclusive_of_start=False)

        return _awaited(self._log, look, wait)


class PostgresEventReader:
    """The same as thin references, for consumers that load what they need themselves."""

    def __init__(self, log: PostgresLog) -> None:
        self._log = log
        log.watch.start()

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """As `PostgresLogReader.read`."""
        return _awaited(self._log, lambda: self._log.select_references(after, limit), wait)


class PostgresDeskReader:
    """As `PostgresEventReader`, and by the same query what the desk said that it will ask for next."""

    def __init__(self, log: PostgresLog, along: BringAlong) -> None:
        self._log = log
        self._along = along
        log.watch.start()

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """As `PostgresLogReader.read`."""
        return _awaited(self._log, lambda: self._look(after, limit), wait)

    def _look(self, after: int, limit: int) -> Sequence[OrderEvent]:
        asked = self._along
        found, asked.brought = self._log.select_along(after, limit, asked.topics, asked.past)
        return found


def _awaited(log: PostgresLog, look: Callable[[], Sequence[_T]], wait: float) -> Sequence[_T]:
    deadline = monotonic() + wait
    while True:
        turn = log.watch.turn
        try:
            found = look()
        except StoreUnavailable:
            if monotonic() >= deadline:
                raise
        else:
            if found or monotonic() >= deadline:
                return found
        log.watch.wait_past(turn, min(deadline - monotonic(), POLL_INTERVAL))
