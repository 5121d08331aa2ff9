"""A reader for those who must not depend on the watch of the log: it asks the file, again and again."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from uuid import UUID

from domain.published import OrderEvent
from spowatch.store.sqlite_connection import FaultsNamed, connect

_EVERY = 0.1
"""Seconds between two looks."""

_PAST = (
    "SELECT position, topic, originator_id, originator_version FROM events "
    "WHERE position > ? ORDER BY position LIMIT ?"
)


class PlainReader:
    """Slower than the log's own reader, and independent of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pause = threading.Event()
        with FaultsNamed(path):
            self._log: sqlite3.Connection = connect(path)

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        deadline = monotonic() + wait
        while True:
            with FaultsNamed(self._path):
                rows = self._log.execute(_PAST, (after, limit)).fetchall()
            left = deadline - monotonic()
            if rows or left <= 0:
                return [OrderEvent(p, topic, UUID(bytes=s), v) for p, topic, s, v in rows]
            self._pause.wait(min(_EVERY, left))

    def close(self) -> None:
        with FaultsNamed(self._path):
            self._log.close()
