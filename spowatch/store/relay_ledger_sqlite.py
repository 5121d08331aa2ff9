"""The relay's ledger in a SQLite file: cursor, what lies where, and the lease, each in one commit."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from consumers.relay_ledger import Lease, LeaseLost, Sent, forgetting
from spowatch.store.sqlite_connection import (
    FaultsNamed,
    Transaction,
    check_schema,
    connect,
    migrate,
)

_NOW = "(julianday('now') - 2440587.5) * 86400.0"
SCHEMA = (
    (
        (
            "CREATE TABLE sent (topic TEXT, partition INTEGER, offset INTEGER, position INTEGER, "
            "event_id BLOB, PRIMARY KEY (topic, position)) WITHOUT ROWID"
        ),
        "CREATE INDEX lying ON sent (topic, partition, offset)",
        "CREATE TABLE cursor (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER)",
        "INSERT INTO cursor VALUES (1, 0)",
        (
            "CREATE TABLE lease (one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT, "
            "token INTEGER, until REAL)"
        ),
        "INSERT INTO lease VALUES (1, '', 0, 0)",
    ),
    (
        "ALTER TABLE sent ADD COLUMN sent_at REAL NOT NULL DEFAULT 0",
        f"UPDATE sent SET sent_at = {_NOW}",  # noqa: S608 - words of our own
        "CREATE INDEX ageing ON sent (topic, sent_at)",
    ),
)
_LOSE = "UPDATE sent SET offset = -1 WHERE topic = ? AND partition = ? AND offset >= ?"
_TAKE = (
    f"UPDATE lease SET token = token + (holder <> ?1), holder = ?1, until = {_NOW} + ?2 "  # noqa: S608 - words of our own
    f"WHERE holder = ?1 OR NOT (until > {_NOW} AND until <= {_NOW} + ?2) RETURNING token"
)
"""A lease that would end later than any lease does was taken before the clock was put back."""

_FORGET_LOST = "DELETE FROM sent WHERE topic = ? AND position = ? AND offset < 0"
_REMEMBER = f"INSERT OR REPLACE INTO sent VALUES (?, ?, ?, ?, ?, {_NOW})"  # noqa: S608 - words of our own
_FORGET = (
    "DELETE FROM sent WHERE (topic, position) IN (SELECT topic, position FROM sent "  # noqa: S608 - words of our own
    f"WHERE topic = ? AND sent_at < {_NOW} - ? AND offset >= 0 ORDER BY sent_at LIMIT ?)"
)


def migrate_ledger(path: Path) -> None:
    migrate(path, SCHEMA)


class SqliteRelayLedger:
    """For relays of one machine; the file's clock decides whose lease it is."""

    def __init__(self, path: Path, *, keeps: Mapping[str, timedelta]) -> None:
        """`keeps` says for how long each topic keeps its records."""
        self._path = path
        self._keeps = keeps
        self._lock = threading.Lock()
        with FaultsNamed(path):
            self._db = connect(path)
            check_schema(path, self._db, SCHEMA)

    def acquire(self, holder: str, *, seconds: float) -> int | None:
        with self._writing() as db:
            taken = db.execute(_TAKE, (holder, seconds)).fetchone()
        return None if taken is None else int(taken[0])

    def lease(self) -> Lease:
        return Lease(*self._all(f"SELECT holder, token, until - {_NOW} FROM lease")[0])  # noqa: S608 - words of our own

    def position(self) -> int:
        ((position,),) = self._all("SELECT position FROM cursor")
        return int(position)

    def acknowledged(self, sent: Sequence[Sent], position: int, *, token: int) -> None:
        rows = [(s.topic, s.partition, s.offset, s.position, s.event_id) for s in sent]
        with self._writing() as db:
            _fence(db, token)
            db.executemany(_REMEMBER, rows)
            db.execute("UPDATE cursor SET position = max(position, ?)", (position,))
            for topic, kept in self._keeps.items():
                db.execute(_FORGET, (topic, kept.total_seconds(), forgetting(sent)))

    def ends(self) -> dict[tuple[str, int], int]:
        rows = self._all(
            "SELECT topic, partition, max(offset) + 1 FROM sent WHERE offset >= 0 GROUP BY 1, 2"
        )
        return {(topic, partition): end for topic, partition, end in rows}

    def lose(self, topic: str, partition: int, offset: int, *, token: int) -> None:
        with self._writing() as db:
            _fence(db, token)
            db.execute(_LOSE, (topic, partition, offset))

    def forget(self, lost: Sequence[Sent], *, token: int) -> None:
        with self._writing() as db:
            _fence(db, token)
            db.executemany(_FORGET_LOST, [(each.topic, each.position) for each in lost])

    def lost(self) -> Sequence[Sent]:
        return self._sent("offset < 0 ORDER BY position")

    def latest(self, topic: str, partition: int, *, limit: int) -> Sequence[Sent]:
        where = "topic = ? AND partition = ? AND offset >= 0 ORDER BY offset DESC LIMIT ?"
        return self._sent(where, topic, partition, limit)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _sent(self, which: str, *values: object) -> list[Sent]:
        columns = "position, topic, partition, offset, event_id"
        rows = self._all(f"SELECT {columns} FROM sent WHERE {which}", *values)  # noqa: S608 - words of our own
        return [Sent(*row) for row in rows]

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, FaultsNamed(self._path):
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, FaultsNamed(self._path), Transaction(self._db) as db:
            yield db


def _fence(db: sqlite3.Connection, token: int) -> None:
    ((current,),) = db.execute("SELECT token FROM lease").fetchall()
    if current != token:
        raise LeaseLost(token)
