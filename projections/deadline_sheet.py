"""The deadline sheet, first form: for each order the next instant at which time changes something.

It is worked out from the log and may be deleted at any time; it comes back the same.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

_SCHEMA = """
CREATE TABLE IF NOT EXISTS deadline (order_id BLOB PRIMARY KEY, due_at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deadline_due ON deadline (due_at);
CREATE TABLE IF NOT EXISTS bookmark (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER);
INSERT OR IGNORE INTO bookmark VALUES (1, 0);
"""


class DeadlineSheet:
    """Rows and bookmark move in one transaction. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")  # a lost sheet is read again from the log
        self._db.executescript(_SCHEMA)

    @property
    def position(self) -> int:
        return int(self._db.execute("SELECT position FROM bookmark").fetchone()[0])

    def put(self, due: dict[UUID, datetime | None], position: int) -> None:
        """Set the next instant of each order, and that the log was read up to `position`."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._set(due)
            self._db.execute("UPDATE bookmark SET position = ?", (position,))

    def rearm(self, due: dict[UUID, datetime | None]) -> None:
        """Set the next instant of orders that were told the time and had nothing to record."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._set(due)

    def due_by(self, now: datetime, *, limit: int) -> Sequence[UUID]:
        """Orders whose next instant has come, the longest overdue first."""
        rows = self._db.execute(
            "SELECT order_id FROM deadline WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (now.timestamp(), limit),
        )
        return [UUID(bytes=row[0]) for row in rows]

    def next_due(self) -> datetime | None:
        earliest = self._db.execute("SELECT min(due_at) FROM deadline").fetchone()[0]
        return None if earliest is None else datetime.fromtimestamp(earliest, UTC)

    def close(self) -> None:
        self._db.close()

    def _set(self, due: dict[UUID, datetime | None]) -> None:
        for order, instant in due.items():
            if instant is None:
                self._db.execute("DELETE FROM deadline WHERE order_id = ?", (order.bytes,))
            else:
                row = (order.bytes, instant.timestamp())
                self._db.execute("INSERT OR REPLACE INTO deadline VALUES (?, ?)", row)
