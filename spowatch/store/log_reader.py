"""Reads the log in order and waits for more of it."""

from collections.abc import Sequence
from time import monotonic

from eventsourcing.persistence import Notification

from spowatch.store.log_sqlite import SqliteLog


class SqliteLogReader:
    """Misses nothing, because positions follow commits and the turn is taken before each look."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        deadline = monotonic() + wait
        while True:
            turn = self._log.watch.turn
            found = self._log.select_notifications(after, limit, inclusive_of_start=False)
            if found or not self._log.watch.wait_past(turn, deadline - monotonic()):
                return found
