"""The forms of a sheet in PostgreSQL: which there are, which one is read, and how that changes."""

from collections.abc import Callable, Sequence
from typing import Any

from psycopg.sql import SQL, Composable, Identifier, Literal

from projections.seen_by import EVERY_FORCE, SETTING
from projections.sheet import Kind, Table
from projections.store import Bookmark, Moved

_FORMS = """
CREATE TABLE IF NOT EXISTS projections.form (
    serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" UNIQUE,
    sheet text COLLATE "C" NOT NULL,
    fingerprint text NOT NULL,
    columns text[] NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    turn bigint NOT NULL DEFAULT 0,
    live boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50)
"""
_PARKED = """
CREATE TABLE IF NOT EXISTS projections.parked (
    form text COLLATE "C", stream uuid, version integer, position bigint NOT NULL,
    topic text NOT NULL, PRIMARY KEY (form, stream, version)
)
"""
_IS_MADE = "SELECT to_regclass('projections.form') IS NOT NULL"
_HAS_SCHEMA = "SELECT to_regnamespace('projections') IS NOT NULL"
_IN_TURN = "SELECT pg_advisory_xact_lock(hashtext('spowatch projections'))"
_MARK = "SELECT name, position, turn, live FROM projections.form WHERE "
_NEWEST = _MARK + "sheet = %b AND fingerprint = %b ORDER BY live DESC, serial DESC LIMIT 1"
_LIVE = "SELECT name, position, columns FROM projections.form WHERE sheet = %b AND live"
_LOCKED = (
    "SELECT name, position, turn, live, columns FROM projections.form WHERE sheet = %b "
    "ORDER BY serial FOR UPDATE"
)
_OTHERS = "SELECT name FROM projections.form WHERE sheet = %b AND NOT live AND name IS NOT NULL"
_INSERT = (
    "INSERT INTO projections.form (sheet, fingerprint, columns) VALUES (%b, %b, %b) "
    "RETURNING serial"
)
_NAME = "UPDATE projections.form SET name = %b WHERE serial = %b"
_RENUMBER = (
    "UPDATE projections.form SET live = (name = %b), turn = turn + 1 "
    "WHERE sheet = %b AND (live OR name = %b)"
)
_DIFFERENT = SQL("SELECT count(*) FROM (SELECT * FROM {} EXCEPT SELECT * FROM {}) AS only_here")
_VIEW = SQL("CREATE VIEW {} WITH (security_invoker = true) AS SELECT * FROM {}")
"""Who reads the view is held to what they may read of the form."""
_WALL = SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY")
_GATE = SQL("CREATE POLICY of_their_force ON {} FOR SELECT USING ({} IN ({}))")
"""Where the setting is missing it is true of no row."""

_TYPES = {
    Kind.ID: "uuid",
    Kind.TEXT: "text",
    Kind.NUMBER: "int8",
    Kind.INSTANT: "timestamptz",
    Kind.DAY: "date",
}


Ask = Callable[[str, Sequence[object]], list[Any]]


def form_name(form: str) -> Identifier:
    return Identifier("projections", form)


def columns_of(table: Table) -> list[tuple[str, str]]:
    """Name and type of each."""
    return [(column.name, _TYPES[column.kind]) for column in table.columns]


class Catalogue:
    """What is done to the forms within a transaction of the caller's."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def make(self, cursor: Any) -> None:
        """The tables that the forms are listed in, unless they are there."""
        if cursor.execute(_IS_MADE).fetchone() == (True,):
            return
        cursor.execute(_IN_TURN)
        if cursor.execute(_IS_MADE).fetchone() == (True,):
            return
        if cursor.execute(_HAS_SCHEMA).fetchone() == (False,):
            cursor.execute("CREATE SCHEMA projections")
        cursor.execute(_FORMS)
        cursor.execute(_PARKED)

    def newest(self, ask: Ask) -> Bookmark | None:
        found = ask(_NEWEST, [self._table.name, self._table.fingerprint])
        return Bookmark(*found[0]) if found else None

    def live_position(self, ask: Ask) -> int | None:
        found = ask(_LIVE, [self._table.name])
        return int(found[0][1]) if found else None

    def begin(self, cursor: Any) -> Bookmark:
        table = self._table
        cursor.execute(_IN_TURN)
        for (name,) in cursor.execute(_OTHERS, [table.name]).fetchall():
            cursor.execute("DELETE FROM projections.form WHERE name = %b", [name])
            cursor.execute("DELETE FROM projections.parked WHERE form = %b", [name])
            cursor.execute(SQL("DROP TABLE {}").format(form_name(name)))
        values = [table.name, table.fingerprint, table.names]
        (serial,) = cursor.execute(_INSERT, values).fetchone()
        name = f"{table.name}_v{table.version}_{table.fingerprint}_{serial}"
        cursor.execute(_NAME, [name, serial])
        told = [SQL("{} {}").format(Identifier(n), SQL(kind)) for n, kind in columns_of(table)]
        ddl = SQL("CREATE TABLE {} ({}, PRIMARY KEY ({}))")
        columns = SQL(", ").join(told)
        cursor.execute(ddl.format(form_name(name), columns, Identifier(table.key)))
        self._wall(cursor, name)
        return Bookmark(name, 0, 0, live=False)

    def _wall(self, cursor: Any, form: str) -> None:
        """Its owner, who keeps it, is not held by the wall."""
        if not self._table.walled_by:
            return
        read_for = SQL("current_setting({}, true)").format(Literal(SETTING))
        open_to: list[Composable] = [Literal(EVERY_FORCE), *map(Identifier, self._table.walled_by)]
        cursor.execute(_WALL.format(form_name(form)))
        gate = _GATE.format(form_name(form), read_for, SQL(", ").join(open_to))
        cursor.execute(gate)

    def switch(self, cursor: Any, mark: Bookmark, live_at: int | None) -> int | None:
        """Nobody moves any bookmark of this sheet until the transaction ends."""
        table = self._table
        forms = cursor.execute(_LOCKED, [table.name]).fetchall()
        if (mark.form, mark.position, mark.turn, mark.live) not in [each[:4] for each in forms]:
            raise Moved
        live = next((each for each in forms if each[3]), None)
        if live_at != (None if live is None else live[1]):
            raise Moved
        self._index(cursor, mark.form)
        differences = None
        if live is not None and (live[1], live[4]) == (mark.position, table.names):
            differences = _differences(cursor, mark.form, live[0])
        cursor.execute(_RENUMBER, [mark.form, table.name, mark.form])
        view = Identifier("projections", table.name)
        cursor.execute(SQL("DROP VIEW IF EXISTS {}").format(view))
        cursor.execute(_VIEW.format(view, form_name(mark.form)))
        return differences

    def _index(self, cursor: Any, form: str) -> None:
        for name, columns in self._table.indexes.items():
            told = SQL(", ").join(map(Identifier, columns))
            index = SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})")
            cursor.execute(index.format(Identifier(f"{form}_{name}"), form_name(form), told))


def _differences(cursor: Any, one: str, other: str) -> int:
    forms = (form_name(one), form_name(other))
    ways = (forms, forms[::-1])
    return sum(int(cursor.execute(_DIFFERENT.format(*way)).fetchone()[0]) for way in ways)
