"""A sheet in PostgreSQL: rows and bookmark move in one transaction, forms change behind a view."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

from psycopg import errors
from psycopg.sql import SQL, Composed, Identifier
from pydantic_core import to_json

from domain.published import OrderEvent
from projections.postgres_forms import Catalogue, columns_of, form_name
from projections.postgres_links import Link, Links
from projections.seen_by import READER, SEEN_BY, SETTING
from projections.sheet import Kind, Row, Table, Value
from projections.store import Bookmark, Moved, NotBuilt, Watch

CHANNEL = "spowatch_projections"
"""Where every change of a sheet is announced, in the sheets' own database."""

_POLL = 1.0
_ROWS_A_SECOND = 5000
"""Fewer than the slowest server takes; a whole form is given the longer for it."""

_MOVE = (
    "UPDATE projections.form SET position = %b, turn = %b "
    "WHERE name = %b AND position = %b AND turn = %b"
)
_PLACES = (("stream", "uuid"), ("version", "integer"), ("position", "bigint"), ("topic", "text"))
_PARK = SQL("INSERT INTO projections.parked SELECT %b, new.* FROM {}{}")
_PARKED = (
    "SELECT position, topic, stream, version FROM projections.parked WHERE form = %b "
    "ORDER BY position"
)
_UNPARK = "DELETE FROM projections.parked WHERE form = %b AND stream = %b"
_AS_SEEN_BY = "SELECT set_config('role', %b, true), set_config(%b, %b, true)"
"""For this transaction alone."""
_NOTIFY = "SELECT pg_notify(%b, '')"


class Announced(Watch, Protocol):
    """Changes as the server announces them, from `start` on."""

    def start(self) -> None:
        """Listen; does nothing when it does already."""
        ...


class PostgresSheetStore:
    """See `SheetStore`. One connection writes and one reads; threads take turns on each."""

    def __init__(self, connect: Callable[[], Link], table: Table, watch: Announced) -> None:
        """`connect` opens a connection on which every statement is its own transaction."""
        self.table = table
        self._watch = watch
        self._writing, self._reading = Links(connect), Links(connect)
        self._catalogue = Catalogue(table)
        self._view = Identifier("projections", table.name)
        self._names = SQL(", ").join(map(Identifier, table.names))
        self._put = cache(self._put_into)
        with self._writing.transaction() as cursor:
            self._catalogue.make(cursor)

    def bookmark(self) -> Bookmark | None:
        return self._catalogue.newest(self._reading.ask)

    def begin(self) -> Bookmark:
        with self._writing.transaction() as cursor:
            return self._catalogue.begin(cursor)

    def put(
        self, mark: Bookmark, upto: int, rows: Sequence[Row], parked: Sequence[OrderEvent]
    ) -> Bookmark:
        moved = Bookmark(mark.form, upto, mark.turn, mark.live)
        if mark.position == 0:
            self._fill(mark, moved, rows, parked)
        else:
            values = [*_known(mark, moved), self._told(rows), mark.form, _told_places(parked)]
            self._move_on(mark.form, [*values, CHANNEL])
        self._watch.committed()
        return moved

    def _move_on(self, form: str, values: Sequence[object]) -> None:
        try:
            done = self._writing.ask(self._put(form), values)
        except errors.UndefinedTable as gone:
            raise Moved from gone
        if not done:
            raise Moved

    def _fill(
        self, mark: Bookmark, to: Bookmark, rows: Sequence[Row], parked: Sequence[OrderEvent]
    ) -> None:
        with self._writing.transaction(len(rows) / _ROWS_A_SECOND) as cursor:
            _move(cursor, mark, to)
            self._copy(cursor, mark.form, rows)
            park = _PARK.format(SQL(""), _records(_PLACES))
            cursor.execute(park, [mark.form, _told_places(parked)])
            cursor.execute(_NOTIFY, [CHANNEL])

    def parked(self, mark: Bookmark) -> list[OrderEvent]:
        found = self._reading.ask(_PARKED, [mark.form])
        return [OrderEvent(p, topic, s, v) for p, topic, s, v in found]

    def redriven(self, mark: Bookmark, stream: UUID, row: Row) -> Bookmark:
        moved = Bookmark(mark.form, mark.position, mark.turn + 1, mark.live)
        with self._writing.transaction() as cursor:
            _move(cursor, mark, moved)
            cursor.execute(self._upsert(mark.form, SQL("")), [self._told([row])])
            cursor.execute(_UNPARK, [mark.form, stream])
            cursor.execute(_NOTIFY, [CHANNEL])
        self._watch.committed()
        return moved

    def switch(self, mark: Bookmark, live_at: int | None) -> int | None:
        try:
            with self._writing.transaction(60) as cursor:
                # Whoever reads now waits for us to have the view: they are not to wait for long.
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
                differences = self._catalogue.switch(cursor, mark, live_at)
                cursor.execute(_NOTIFY, [CHANNEL])
        except errors.LockNotAvailable as busy:
            raise Moved from busy
        self._watch.committed()
        return differences

    def live_position(self) -> int | None:
        return self._catalogue.live_position(self._reading.ask)

    def page(self, after: int, *, limit: int, only: Mapping[str, Value]) -> list[Row]:
        where = [SQL(" AND {} = %b").format(Identifier(name)) for name in only]
        told = {
            "names": self._names,
            "view": self._view,
            "by": Identifier(self.table.sorted_by),
            "where": Composed(where),
        }
        sql = SQL("SELECT {names} FROM {view} WHERE {by} > %b{where} ORDER BY {by} LIMIT %b")
        return self._asked(sql.format(**told), [after, *only.values(), limit])

    def tally(self, column: str, *, only: Mapping[str, Value]) -> dict[str, int]:
        where = [SQL(" AND {} = %b").format(Identifier(name)) for name in only]
        told = {"column": Identifier(column), "view": self._view, "where": Composed(where)}
        sql = SQL(
            "SELECT {column}, count(*) FROM {view} WHERE {column} > ''{where} GROUP BY {column}"
        )
        return dict(self._found(sql.format(**told), list(only.values())))

    def last(self) -> int | None:
        sql = SQL("SELECT max({}) FROM {}").format(Identifier(self.table.sorted_by), self._view)
        ((found,),) = self._found(sql, [])
        return None if found is None else int(found)

    def rows(self) -> Iterator[Row]:
        told = (self._names, self._view, Identifier(self.table.key))
        yield from self._asked(SQL("SELECT {} FROM {} ORDER BY {}").format(*told), [])

    def wait_for(self, position: int, timeout: float) -> bool:
        deadline = monotonic() + timeout
        self._watch.start()
        while True:
            turn = self._watch.turn
            if (self.live_position() or 0) >= position:
                return True
            remaining = deadline - monotonic()
            if remaining <= 0:
                return False
            # Looks for itself once a second: what announces changes may be dead.
            self._watch.wait_past(turn, min(remaining, _POLL))

    def close(self) -> None:
        self._writing.close()
        self._reading.close()

    def _copy(self, cursor: Any, form: str, rows: Sequence[Row]) -> None:
        sql = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(form_name(form), self._names)
        with cursor.copy(sql) as copy:
            copy.set_types([kind for _, kind in columns_of(self.table)])
            for row in rows:
                copy.write_row(row)

    def _put_into(self, form: str) -> bytes:
        """All of it in one statement: where the bookmark is elsewhere it does and answers nothing."""
        moved = SQL("moved, ")
        upsert, park = self._upsert(form, moved), _PARK.format(moved, _records(_PLACES))
        whole = SQL(
            "WITH moved AS ({} RETURNING 1), put AS ({}), aside AS ({}) "
            "SELECT pg_notify(%b, '') FROM moved"
        )
        return whole.format(SQL(_MOVE), upsert, park).as_bytes()

    def _told(self, rows: Sequence[Row]) -> str:
        return _json(self.table.names, rows)

    def _upsert(self, form: str, beside: SQL) -> Composed:
        """`beside` are tables that must hold a row for anything to be put."""
        key, *others = self.table.columns
        sets = []
        for column in others:
            name = Identifier(column.name)
            new = SQL("excluded.{}").format(name)
            once = SQL("coalesce(known.{}, excluded.{})").format(name, name)
            sets.append(SQL("{} = {}").format(name, once if column.once else new))
        return SQL(
            "INSERT INTO {} AS known ({}) SELECT new.* FROM {}{} ON CONFLICT ({}) DO UPDATE SET {}"
        ).format(
            form_name(form),
            self._names,
            beside,
            _records(columns_of(self.table)),
            Identifier(key.name),
            SQL(", ").join(sets),
        )

    def _asked(self, sql: Composed, values: Sequence[object]) -> list[Row]:
        instants = [n for n, c in enumerate(self.table.columns) if c.kind is Kind.INSTANT]
        return [_in_utc(row, instants) for row in self._found(sql, values)]

    def _found(self, sql: Composed, values: Sequence[object]) -> list[Any]:
        seen_by = SEEN_BY.get()
        try:
            if seen_by is None or not self.table.walled_by:
                return self._reading.ask(sql, values)
            with self._reading.transaction() as cursor:
                cursor.execute(_AS_SEEN_BY, [READER, SETTING, seen_by])
                found: list[Any] = cursor.execute(sql, values).fetchall()
                return found
        except errors.UndefinedTable as fault:
            if self.live_position() is None:
                raise NotBuilt(self.table.name) from fault
            raise


def _move(cursor: Any, mark: Bookmark, to: Bookmark) -> None:
    """Compare and set: of two that read from the same place one writes, and none skips."""
    if cursor.execute(_MOVE, _known(mark, to)).rowcount != 1:
        raise Moved


def _known(mark: Bookmark, to: Bookmark) -> list[object]:
    return [to.position, to.turn, mark.form, mark.position, mark.turn]


def _records(columns: Sequence[tuple[str, str]]) -> Composed:
    """Rows of these columns, given as JSON.

    A parameter a column would be slower: its type is chosen by what it holds, so the server plans
    anew whenever a number grows or a value is missing, and the driver looks at every value.
    """
    told = [SQL("{} {}").format(Identifier(name), SQL(kind)) for name, kind in columns]
    return SQL("json_to_recordset(%b::json) AS new ({})").format(SQL(", ").join(told))


def _json(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return to_json([dict(zip(names, row, strict=True)) for row in rows]).decode()


def _told_places(events: Iterable[OrderEvent]) -> str:
    places = [(event.stream_id, event.version, event.position, event.topic) for event in events]
    return _json([name for name, _ in _PLACES], places)


def _in_utc(row: Sequence[Any], instants: Sequence[int]) -> Row:
    values = list(row)
    for place in instants:
        if isinstance(values[place], datetime):
            values[place] = values[place].astimezone(UTC)
    return tuple(values)
