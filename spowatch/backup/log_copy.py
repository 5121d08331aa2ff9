"""The log in a backup: the same SQLite file whatever the log itself is kept in."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter
from pydantic_core import from_json

from domain.erasure import KeyDestroyed
from spowatch.store.log_rows import PlacedRow
from spowatch.store.log_schema import migrate_log
from spowatch.store.sqlite_connection import FaultsNamed, Transaction, connect

_INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?)"
_ROWS = "SELECT position, originator_id, originator_version, topic, state FROM events "
_WHEN: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


def write_log_copy(
    path: Path, pages: Iterable[list[PlacedRow]], bookmarks: Mapping[str, int]
) -> None:
    """A new file with those rows, and how far each reader had come."""
    migrate_log(path)
    with FaultsNamed(path), closing(connect(path)) as connection:
        with Transaction(connection):
            for page in pages:
                connection.executemany(_INSERT, page)
            connection.executemany("INSERT INTO tracking VALUES (?, ?)", bookmarks.items())
        connection.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal beside it


class LogCopy:
    """The log of a backup, read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, upto: int) -> Iterator[PlacedRow]:
        yield from self._connection.execute(_ROWS + "WHERE position <= ? ORDER BY position", [upto])

    def bookmarks(self, upto: int) -> dict[str, int]:
        """None further than the log comes."""
        found = self._connection.execute("SELECT application_name, notification_id FROM tracking")
        return {name: min(place, upto) for name, place in found}

    def last_by(self, instant: datetime) -> int:
        """The last position before the first event that the store accepted after that instant."""
        last = 0
        for position, *_, state in self._connection.execute(_ROWS + "ORDER BY position"):
            accepted = entered_at(state)
            if accepted is not None and accepted > instant:
                break
            last = position
        return last

    def people(self) -> set[UUID]:
        """Whose words may be in it, by the ids of their keys."""
        metas = (_meta(state) for *_, state in self._connection.execute(_ROWS))
        return {UUID(meta["subject_id"]) for meta in metas if meta.get("subject_id")}

    def erased(self) -> dict[UUID, datetime]:
        """Every key that the whole of this log says was destroyed, and when."""
        found = self._connection.execute(_ROWS + "WHERE topic = ?", [KeyDestroyed.TOPIC])
        states = [from_json(state) for *_, state in found]
        return {
            UUID(each["event"]["key_id"]): _WHEN.validate_python(each["meta"]["entered_at"])
            for each in states
        }


@contextmanager
def log_copy(path: Path) -> Iterator[LogCopy]:
    with FaultsNamed(path), closing(connect(path)) as connection:
        connection.execute("PRAGMA query_only=ON")
        yield LogCopy(connection)


def entered_at(state: bytes) -> datetime | None:
    """When the store accepted it; None for a record that cannot be read."""
    told = _meta(state).get("entered_at")
    return None if told is None else _WHEN.validate_python(told)


def _meta(state: bytes) -> dict[str, Any]:
    """The envelope, which is never sealed; empty of a record that cannot be read."""
    try:
        found = from_json(state)["meta"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
