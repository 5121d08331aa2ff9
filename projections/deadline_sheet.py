"""The deadline sheet: every pending instant of every order, with its legal basis.

It is worked out from the log and may be deleted at any time; it comes back the same.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.deadlines import Deadline, DeadlineKind

_VERSION = 2
_SCHEMA = """
DROP TABLE IF EXISTS deadline;
DROP TABLE IF EXISTS bookmark;
CREATE TABLE deadline (
    order_id BLOB, kind TEXT, about TEXT, due_at INTEGER NOT NULL, basis TEXT, urgency INTEGER,
    PRIMARY KEY (order_id, kind, about, due_at)
) WITHOUT ROWID;
CREATE INDEX deadline_due ON deadline (due_at);
CREATE TABLE bookmark (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER, swept_at INTEGER);
INSERT INTO bookmark VALUES (1, 0, NULL);
PRAGMA user_version = 2;
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Agendas = Mapping[UUID, tuple[int, Sequence[Deadline]]]


@dataclass(frozen=True, slots=True)
class Row:
    """A pending instant of an order."""

    order_id: UUID
    deadline: Deadline


class DeadlineSheet:
    """Rows and bookmark move in one transaction. Safe to share between threads and processes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")  # a lost sheet is read again from the log
        if self._db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            self._db.executescript(_SCHEMA)

    @property
    def position(self) -> int:
        return self._one("SELECT position FROM bookmark") or 0

    @property
    def swept_at(self) -> datetime | None:
        """When a sweep last looked; across restarts."""
        return _instant(self._one("SELECT swept_at FROM bookmark"))

    def put(self, agendas: Agendas, position: int) -> None:
        """Set what is pending for these orders, and that the log was read up to `position`."""
        with self._transaction():
            self._set(agendas)
            self._db.execute("UPDATE bookmark SET position = max(position, ?)", (position,))

    def rearm(self, agendas: Agendas, swept_at: datetime) -> None:
        """Set what is pending for orders that were told the time, and that a sweep looked then."""
        with self._transaction():
            self._set(agendas)
            self._db.execute("UPDATE bookmark SET swept_at = ?", (_number(swept_at),))

    def due_by(self, now: datetime, *, limit: int) -> list[tuple[UUID, datetime]]:
        """Orders with an instant that has come, and the oldest: the urgent first, then by age."""
        rows = self._all(
            "SELECT order_id, min(due_at) FROM deadline WHERE due_at <= ? "
            "GROUP BY order_id ORDER BY min(urgency), min(due_at) LIMIT ?",
            (_number(now), limit),
        )
        return [(UUID(bytes=order), _EPOCH + due * _MICROSECOND) for order, due in rows]

    def next_due(self) -> datetime | None:
        return _instant(self._one("SELECT min(due_at) FROM deadline"))

    def rows(self) -> Iterator[Row]:
        """Every row, by order and instant."""
        for order, kind, about, due, basis in self._all(
            "SELECT order_id, kind, about, due_at, basis FROM deadline "
            "ORDER BY order_id, due_at, kind, about"
        ):
            instant = _EPOCH + due * _MICROSECOND
            yield Row(UUID(bytes=order), Deadline(DeadlineKind(kind), about, instant, basis))

    def digest(self) -> str:
        """The hash that two equal sheets share."""
        sheet = hashlib.sha256()
        for row in self.rows():
            sheet.update(repr((str(row.order_id), row.deadline)).encode())
        return sheet.hexdigest()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _set(self, agendas: Agendas) -> None:
        self._db.executemany(
            "DELETE FROM deadline WHERE order_id = ?", [(order.bytes,) for order in agendas]
        )
        self._db.executemany(
            "INSERT INTO deadline VALUES (?, ?, ?, ?, ?, ?)",
            [
                (order.bytes, d.kind, d.about, _number(d.due_at), d.basis, urgency)
                for order, (urgency, deadlines) in agendas.items()
                for d in deadlines
            ],
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def _one(self, sql: str) -> int | None:
        with self._lock:
            found: int | None = self._db.execute(sql).fetchone()[0]
            return found

    def _all(self, sql: str, values: tuple[int, ...] = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def _number(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(number: int | None) -> datetime | None:
    return None if number is None else _EPOCH + number * _MICROSECOND
