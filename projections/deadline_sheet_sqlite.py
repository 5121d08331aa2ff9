"""The deadline sheet in a SQLite file, for the processes of one machine."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from domain.calendar import clock_rules
from domain.deadlines import Agenda, Deadline, DeadlineKind, Due
from projections.deadline_sheet import CLAIM, Agendas, Row, digest_of

_VERSION = 4
"""A sheet of an older version is made anew: before 4 none held what is pending of an alert."""

_SCHEMA = (
    "DROP TABLE IF EXISTS agenda",
    "DROP TABLE IF EXISTS deadline",
    "DROP TABLE IF EXISTS bookmark",
    (
        "CREATE TABLE agenda (order_id BLOB PRIMARY KEY, version INTEGER NOT NULL, "
        "claimed REAL NOT NULL) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE deadline (order_id BLOB, kind TEXT, about TEXT, due_at INTEGER NOT NULL, "
        "basis TEXT, urgency INTEGER, PRIMARY KEY (order_id, kind, about, due_at)) WITHOUT ROWID"
    ),
    "CREATE INDEX deadline_due ON deadline (urgency, due_at)",
    (
        "CREATE TABLE bookmark (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER, "
        "swept_at INTEGER)"
    ),
    "INSERT INTO bookmark VALUES (1, 0, NULL)",
    "PRAGMA application_id = {rules}",
    f"PRAGMA user_version = {_VERSION}",
)
_AGENDA = (
    "INSERT INTO agenda VALUES (?, ?, -1) ON CONFLICT (order_id) DO UPDATE "
    "SET version = excluded.version, claimed = -1 WHERE excluded.version >= version"
)
_UNCLAIMED = (
    "SELECT order_id, due_at, version FROM deadline CROSS JOIN agenda USING (order_id) "
    "WHERE urgency = ? AND due_at <= ? AND NOT claimed BETWEEN ? AND ? ORDER BY due_at LIMIT ?"
)
_NEXT = (
    "SELECT min(soonest) FROM (SELECT min(due_at) AS soonest FROM deadline WHERE urgency = 0 "
    "UNION ALL SELECT min(due_at) FROM deadline WHERE urgency = 1)"
)
_HELD = "SELECT * FROM deadline WHERE order_id = ?"
_DROP = "DELETE FROM deadline WHERE order_id = ? AND kind = ? AND about = ? AND due_at = ?"
_SOONEST = "SELECT min(due_at) FROM deadline WHERE urgency = ?"
_COMING = (
    "SELECT order_id, due_at, version FROM deadline CROSS JOIN agenda USING (order_id) "
    "WHERE urgency IN (0, 1) AND due_at > ? AND due_at <= ? ORDER BY urgency, due_at LIMIT ?"
)
_READ_ON = "UPDATE bookmark SET position = max(position, ?) WHERE position >= ?"
_VERSION_OF = "SELECT version FROM agenda WHERE order_id = ?"
_TRIES, _PAUSE = 100, 0.02
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class SqliteDeadlineSheet:
    """Safe to share between threads and processes. Claims run out on the machine's monotonic clock."""

    def __init__(self, path: Path, *, rules: int | None = None) -> None:
        """`rules` are the clock rules the rows are worked out by; this machine's unless stated.

        A sheet worked out by others is made anew: a midnight in it may have moved.
        """
        self._rules = clock_rules() if rules is None else rules
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        self._write_ahead()
        self._db.execute("PRAGMA synchronous=NORMAL")  # a lost sheet is read again from the log
        # Unset, a burst stops every few hundred orders to write back what the next ones change.
        self._db.execute("PRAGMA wal_autocheckpoint=10000")
        if not self._is_made:
            self._make()

    def _write_ahead(self) -> None:
        """Two sweeps that start together may not both change the mode: SQLite refuses one at once."""
        pause = threading.Event()
        for _ in range(_TRIES):
            with suppress(sqlite3.OperationalError):
                self._db.execute("PRAGMA journal_mode=WAL")
                return
            pause.wait(_PAUSE)
        self._db.execute("PRAGMA journal_mode=WAL")

    @property
    def _is_made(self) -> bool:
        pragmas = ("user_version", "application_id")
        found = [self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
        return found == [_VERSION, self._rules]

    def _make(self) -> None:
        """Anew, unless another sweep has made it while we waited for our turn."""
        with self._transaction():
            for statement in () if self._is_made else _SCHEMA:
                self._db.execute(statement.format(rules=self._rules))

    @property
    def position(self) -> int:
        return self._one("SELECT position FROM bookmark") or 0

    @property
    def swept_at(self) -> datetime | None:
        return _instant(self._one("SELECT swept_at FROM bookmark"))

    def put(self, agendas: Agendas, position: int, *, after: int = 0) -> None:
        with self._transaction():
            self._set(agendas)
            self._db.execute(_READ_ON, (position, after))

    def clear(self) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM deadline")
            self._db.execute("DELETE FROM agenda")
            self._db.execute("UPDATE bookmark SET position = 0")

    def rearm(self, agendas: Agendas, swept_at: datetime) -> None:
        with self._transaction():
            self._set(agendas)
            self._db.execute("UPDATE bookmark SET swept_at = ?", (_number(swept_at),))

    def claim(self, now: datetime, *, limit: int) -> list[Due]:
        found: dict[bytes, Due] = {}
        with self._transaction():
            urgency = 0 if self._is_due(0, now) else 1
            since = monotonic()
            asked = (urgency, _number(now), since - CLAIM, since, limit)
            for order, due, version in self._db.execute(_UNCLAIMED, asked):
                instant = _EPOCH + due * _MICROSECOND
                found.setdefault(order, Due(UUID(bytes=order), instant, version))
            claimed = [(since, order) for order in found]
            self._db.executemany("UPDATE agenda SET claimed = ? WHERE order_id = ?", claimed)
        return list(found.values())

    def _is_due(self, urgency: int, now: datetime) -> bool:
        (soonest,) = self._db.execute(_SOONEST, (urgency,)).fetchone()
        return soonest is not None and soonest <= _number(now)

    def coming(self, now: datetime, until: datetime, *, limit: int) -> list[Due]:
        rows = self._all(_COMING, (_number(now), _number(until), limit))
        return [
            Due(UUID(bytes=o), _EPOCH + due * _MICROSECOND, version) for o, due, version in rows
        ]

    def versions(self, orders: Sequence[UUID]) -> dict[UUID, int]:
        found = {}
        for order in orders:
            for (version,) in self._all(_VERSION_OF, (order.bytes,)):
                found[order] = version
        return found

    def next_due(self) -> datetime | None:
        return _instant(self._one(_NEXT))

    def rows(self) -> Iterator[Row]:
        for order, kind, about, due, basis in self._all(
            "SELECT order_id, kind, about, due_at, basis FROM deadline "
            "ORDER BY order_id, due_at, kind, about"
        ):
            yield Row(UUID(bytes=order), _deadline(kind, about, due, basis))

    def agendas(self, orders: Sequence[UUID]) -> dict[UUID, Agenda]:
        found = {}
        for order in orders:
            versions = self._all(_VERSION_OF, (order.bytes,))
            rows = self._all(
                "SELECT kind, about, due_at, basis, urgency FROM deadline WHERE order_id = ? "
                "ORDER BY due_at, kind, about",
                (order.bytes,),
            )
            for (version,) in versions:
                deadlines = [_deadline(*row[:4]) for row in rows]
                found[order] = Agenda(version, rows[0][4] if rows else 1, deadlines)
        return found

    def digest(self) -> str:
        return digest_of(self.rows())

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _set(self, agendas: Agendas) -> None:
        """Older knowledge never overwrites newer, whichever sweep comes last."""
        gone: list[tuple[object, ...]] = []
        new: list[tuple[object, ...]] = []
        for order, agenda in agendas.items():
            known = (order.bytes, agenda.version)
            if self._db.execute(_AGENDA, known).rowcount:
                held = set(self._db.execute(_HELD, (order.bytes,)))
                wanted = {_columns(order, agenda.urgency, each) for each in agenda.deadlines}
                gone += [row[:4] for row in held - wanted]
                new += wanted - held
        self._db.executemany(_DROP, gone)
        self._db.executemany("INSERT INTO deadline VALUES (?, ?, ?, ?, ?, ?)", new)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def _one(self, sql: str) -> int | None:
        with self._lock:
            found: int | None = self._db.execute(sql).fetchone()[0]
            return found

    def _all(self, sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def _columns(order: UUID, urgency: int, deadline: Deadline) -> tuple[object, ...]:
    due = _number(deadline.due_at)
    return order.bytes, str(deadline.kind), deadline.about, due, deadline.basis, urgency


def _deadline(kind: str, about: str, due: int, basis: str) -> Deadline:
    return Deadline(DeadlineKind(kind), about, _EPOCH + due * _MICROSECOND, basis)


def _number(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(number: int | None) -> datetime | None:
    return None if number is None else _EPOCH + number * _MICROSECOND
