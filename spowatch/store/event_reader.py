"""Reads the log as thin references, for consumers that load what they need themselves."""

from collections.abc import Sequence
from time import monotonic

from domain.published import OrderEvent
from spowatch.store.log_sqlite import SqliteLog


class SqliteEventReader:
    """Misses nothing, because positions follow commits and the turn is taken before each look."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        deadline = monotonic() + wait
        while True:
            turn = self._log.watch.turn
            found = self._log.select_references(after, limit)
            if found or not self._log.watch.wait_past(turn, deadline - monotonic()):
                return found
