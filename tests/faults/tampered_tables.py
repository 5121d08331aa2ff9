"""The table of events of each store in the hands of a master of its database."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from uuid import UUID

import psycopg

from tests.faults.tampering import Row


class SqliteTable:
    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self) -> list[Row]:
        with closing(sqlite3.connect(self._path)) as connection:
            found = connection.execute("SELECT * FROM events ORDER BY position").fetchall()
        return [[place, UUID(bytes=stream), *rest] for place, stream, *rest in found]

    def replace(self, rows: Sequence[Row]) -> None:
        values = [[place, stream.bytes, *rest] for place, stream, *rest in rows]
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("DELETE FROM events")
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", values)


class PostgresTable:
    """With the triggers off, as its owner or a superuser can have it."""

    def __init__(self, administrator: str) -> None:
        self._dsn = administrator

    def rows(self) -> list[Row]:
        with psycopg.connect(self._dsn) as connection:
            found = connection.execute("SELECT * FROM spowatch.events ORDER BY position")
            return [[place, UUID(stream), *rest] for place, stream, *rest in found.fetchall()]

    def replace(self, rows: Sequence[Row]) -> None:
        values = [[place, str(stream), *rest] for place, stream, *rest in rows]
        with psycopg.connect(self._dsn) as connection, connection.cursor() as cursor:
            cursor.execute("ALTER TABLE spowatch.events DISABLE TRIGGER ALL")
            cursor.execute("DELETE FROM spowatch.events")
            cursor.executemany(
                "INSERT INTO spowatch.events OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s)",
                values,
            )
            cursor.execute("ALTER TABLE spowatch.events ENABLE TRIGGER ALL")
