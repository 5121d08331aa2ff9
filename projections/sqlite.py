"""A sheet in a SQLite file: rows and bookmark move in one transaction, forms change behind a view."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from domain.published import OrderEvent
from projections.sheet import Kind, Row, Table, Value
from projections.store import Bookmark, Moved, NotBuilt, Watch

BUSY_TIMEOUT = 30.0
"""Seconds to wait for another writer of the file, who may be filling a whole form."""

_CATALOGUE = (
    (
        "CREATE TABLE IF NOT EXISTS form (serial INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, "
        "sheet TEXT NOT NULL, fingerprint TEXT NOT NULL, columns TEXT NOT NULL, "
        "position INTEGER NOT NULL DEFAULT 0, turn INTEGER NOT NULL DEFAULT 0, "
        "live INTEGER NOT NULL DEFAULT 0)"
    ),
    (
        "CREATE TABLE IF NOT EXISTS parked (form TEXT, stream BLOB, version INTEGER, "
        "position INTEGER NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (form, stream, version)) "
        "WITHOUT ROWID"
    ),
)
_MARK = "SELECT name, position, turn, live FROM form WHERE "
_NEWEST = _MARK + "sheet = ? AND fingerprint = ? ORDER BY live DESC, serial DESC LIMIT 1"
_BY_NAME = _MARK + "name = ?"
_LIVE = "SELECT name, position, columns FROM form WHERE sheet = ? AND live"
_MOVE = "UPDATE form SET position = ?, turn = ? WHERE name = ? AND position = ? AND turn = ?"
_PARK = "INSERT INTO parked VALUES (?, ?, ?, ?, ?)"
_PARKED = "SELECT position, topic, stream, version FROM parked WHERE form = ? ORDER BY position"
_RENUMBER = (
    "UPDATE form SET live = name = ?, turn = turn + 1 WHERE sheet = ? AND (live OR name = ?)"
)
_EXCEPT = "SELECT count(*) FROM (SELECT * FROM {} EXCEPT SELECT * FROM {})"
_TRIES, _PAUSE = 100, 0.02

_TYPES = {
    Kind.ID: "BLOB",
    Kind.TEXT: "TEXT",
    Kind.NUMBER: "INTEGER",
    Kind.INSTANT: "INTEGER",
    Kind.DAY: "TEXT",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def connected(path: Path) -> sqlite3.Connection:
    """A connection to the file, made when it is not there; a lost sheet is read from the log again."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT
    )
    pause = threading.Event()
    for _ in range(_TRIES):  # SQLite refuses one of two that change the mode together, at once
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:
            pause.wait(_PAUSE)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def made(path: Path) -> None:
    """The file, if there is none yet: what watches it opens only what is there."""
    connected(path).close()


class SqliteSheetStore:
    """See `SheetStore`. One connection writes and one reads; threads take turns on each."""

    def __init__(self, path: Path, table: Table, watch: Watch) -> None:
        """`watch` is of the same file."""
        self.table = table
        self._watch = watch
        self._lock, self._read_lock = threading.Lock(), threading.Lock()
        self._db, self._reading = connected(path), connected(path)
        self._kept_otherwise = [
            (place, _READ[column.kind])
            for place, column in enumerate(table.columns)
            if column.kind in _READ
        ]
        names = ", ".join(table.names)
        self._select = f"SELECT {names} FROM {table.name}"  # noqa: S608 - names of our own
        with self._transaction():
            for statement in _CATALOGUE:
                self._db.execute(statement)

    def bookmark(self) -> Bookmark | None:
        found = self._all(_NEWEST, self.table.name, self.table.fingerprint)
        return _bookmark(found[0]) if found else None

    def begin(self) -> Bookmark:
        table = self.table
        with self._transaction():
            self._drop_all_but_live()
            columns = json.dumps(table.names)
            serial = self._db.execute(
                "INSERT INTO form (sheet, fingerprint, columns) VALUES (?, ?, ?)",
                (table.name, table.fingerprint, columns),
            ).lastrowid
            name = f"{table.name}_v{table.version}_{table.fingerprint}_{serial}"
            self._db.execute("UPDATE form SET name = ? WHERE serial = ?", (name, serial))
            told = ", ".join(f"{each.name} {_TYPES[each.kind]}" for each in table.columns)
            ddl = f"CREATE TABLE {name} ({told}, PRIMARY KEY ({table.key})) WITHOUT ROWID"
            self._db.execute(ddl)
        return Bookmark(name, 0, 0, live=False)

    def _drop_all_but_live(self) -> None:
        others = "SELECT name FROM form WHERE sheet = ? AND NOT live"
        for (name,) in self._db.execute(others, (self.table.name,)).fetchall():
            self._db.execute(f"DROP TABLE {name}")
            self._db.execute("DELETE FROM parked WHERE form = ?", (name,))
            self._db.execute("DELETE FROM form WHERE name = ?", (name,))

    def put(
        self, mark: Bookmark, upto: int, rows: Sequence[Row], parked: Sequence[OrderEvent]
    ) -> Bookmark:
        moved = Bookmark(mark.form, upto, mark.turn, mark.live)
        refs = [(mark.form, e.stream_id.bytes, e.version, e.position, e.topic) for e in parked]
        with self._transaction():
            self._move(mark, moved)
            self._db.executemany(self._upsert(mark.form), map(self._stored, rows))
            self._db.executemany(_PARK, refs)
        self._watch.committed()
        return moved

    def parked(self, mark: Bookmark) -> list[OrderEvent]:
        found = self._all(_PARKED, mark.form)
        return [OrderEvent(p, topic, UUID(bytes=s), v) for p, topic, s, v in found]

    def redriven(self, mark: Bookmark, stream: UUID, row: Row) -> Bookmark:
        moved = Bookmark(mark.form, mark.position, mark.turn + 1, mark.live)
        with self._transaction():
            self._move(mark, moved)
            self._db.execute(self._upsert(mark.form), self._stored(row))
            gone = "DELETE FROM parked WHERE form = ? AND stream = ?"
            self._db.execute(gone, (mark.form, stream.bytes))
        self._watch.committed()
        return moved

    def switch(self, mark: Bookmark, live_at: int | None) -> int | None:
        table = self.table
        with self._transaction():
            live = self._db.execute(_LIVE, (table.name,)).fetchone()
            seen = self._db.execute(_BY_NAME, (mark.form,)).fetchone()
            if seen != _columns(mark) or live_at != (None if live is None else live[1]):
                raise Moved
            self._index(mark.form)
            differences = self._compared(mark, live)
            self._db.execute(_RENUMBER, (mark.form, table.name, mark.form))
            self._db.execute(f"DROP VIEW IF EXISTS {table.name}")
            view = f"CREATE VIEW {table.name} AS SELECT * FROM {mark.form}"  # noqa: S608 - names of our own
            self._db.execute(view)
        self._watch.committed()
        return differences

    def _index(self, form: str) -> None:
        for name, columns in self.table.indexes.items():
            told = ", ".join(columns)
            self._db.execute(f"CREATE INDEX IF NOT EXISTS {form}_{name} ON {form} ({told})")

    def _compared(self, mark: Bookmark, live: tuple[str, int, str] | None) -> int | None:
        if live is None or live[1:] != (mark.position, json.dumps(self.table.names)):
            return None
        forms = (mark.form, live[0])
        counts = (self._db.execute(_EXCEPT.format(*each)) for each in (forms, forms[::-1]))
        return sum(int(count.fetchone()[0]) for count in counts)

    def live_position(self) -> int | None:
        found = self._all(_LIVE, self.table.name)
        return int(found[0][1]) if found else None

    def page(self, after: int, *, limit: int, only: Mapping[str, Value]) -> list[Row]:
        sorted_by = self.table.sorted_by
        where = "".join(f" AND {name} = ?" for name in only)
        sql = f"{self._select} WHERE {sorted_by} > ?{where} ORDER BY {sorted_by} LIMIT ?"
        found = self._asked(sql, after, *map(_stored, only.values()), limit)
        return [self._read(each) for each in found]

    def tally(self, column: str, *, only: Mapping[str, Value]) -> dict[str, int]:
        where = "".join(f" AND {name} = ?" for name in only)
        sql = (
            f"SELECT {column}, count(*) FROM {self.table.name} "  # noqa: S608 - names of our own
            f"WHERE {column} > ''{where} GROUP BY {column}"
        )
        return dict(self._asked(sql, *map(_stored, only.values())))

    def last(self) -> int | None:
        sql = f"SELECT max({self.table.sorted_by}) FROM {self.table.name}"  # noqa: S608 - names of our own
        ((found,),) = self._asked(sql)
        return None if found is None else int(found)

    def rows(self) -> Iterator[Row]:
        for each in self._asked(f"{self._select} ORDER BY {self.table.key}"):
            yield self._read(each)

    def wait_for(self, position: int, timeout: float) -> bool:
        deadline = monotonic() + timeout
        while True:
            turn = self._watch.turn
            if (self.live_position() or 0) >= position:
                return True
            if not self._watch.wait_past(turn, deadline - monotonic()):
                return False

    def close(self) -> None:
        with self._lock, self._read_lock:
            self._db.close()
            self._reading.close()

    def _move(self, mark: Bookmark, to: Bookmark) -> None:
        """Compare and set: of two that read from the same place one writes, and none skips."""
        known = (to.position, to.turn, mark.form, mark.position, mark.turn)
        if self._db.execute(_MOVE, known).rowcount != 1:
            raise Moved

    def _upsert(self, form: str) -> str:
        key, *others = self.table.columns
        kept = {c.name: f"coalesce({form}.{c.name}, excluded.{c.name})" for c in others if c.once}
        sets = ", ".join(f"{c.name} = {kept.get(c.name, 'excluded.' + c.name)}" for c in others)
        places = ", ".join("?" * len(self.table.columns))
        return (
            f"INSERT INTO {form} VALUES ({places}) "  # noqa: S608 - names of our own
            f"ON CONFLICT ({key.name}) DO UPDATE SET {sets}"
        )

    def _stored(self, row: Row) -> list[object]:
        return [_stored(value) for value in row]

    def _read(self, row: Sequence[Any]) -> Row:
        found = list(row)
        for place, read in self._kept_otherwise:
            if found[place] is not None:
                found[place] = read(found[place])
        return tuple(found)

    def _asked(self, sql: str, *values: object) -> list[Any]:
        try:
            return self._all(sql, *values)
        except sqlite3.OperationalError as fault:
            if self.live_position() is None:
                raise NotBuilt(self.table.name) from fault
            raise

    def _all(self, sql: str, *values: object) -> list[Any]:
        with self._read_lock:
            return self._reading.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield


def _bookmark(found: Sequence[Any]) -> Bookmark:
    return Bookmark(found[0], found[1], found[2], live=bool(found[3]))


def _columns(mark: Bookmark) -> tuple[str, int, int, int]:
    return mark.form, mark.position, mark.turn, int(mark.live)


def _stored(value: Value) -> object:
    match value:
        case UUID():
            return value.bytes
        case datetime():
            return (value - _EPOCH) // _MICROSECOND
        case date():
            return value.isoformat()
        case _:
            return value


_READ: dict[Kind, Callable[[Any], Value]] = {
    Kind.ID: lambda value: UUID(bytes=value),
    Kind.INSTANT: lambda value: _EPOCH + value * _MICROSECOND,
    Kind.DAY: date.fromisoformat,
}
