"""The checkpoints of a log on SQLite: a file beside it."""

from pathlib import Path

from spowatch.store.checkpoints import Sealed
from spowatch.store.sqlite_connection import migrate
from spowatch.store.sqlite_connections import SqliteConnections

_CHECKPOINTS = """
CREATE TABLE checkpoints (
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    position INTEGER NOT NULL,
    last_leaf BLOB NOT NULL,
    peaks BLOB NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (origin, size)
)
"""
SCHEMA = ((_CHECKPOINTS,),)
_LAST = (
    "SELECT size, position, last_leaf, peaks, note FROM checkpoints WHERE origin = ? "
    "ORDER BY size DESC LIMIT 1"
)
_ADD = (
    "INSERT INTO checkpoints SELECT ?1, ?2, ?3, ?4, ?5, ?6 "
    "WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE origin = ?1 AND size >= ?2)"
)
_NOTES = "SELECT size, note FROM checkpoints WHERE origin = ? AND size > ? ORDER BY size LIMIT ?"
_NOTE = "SELECT note FROM checkpoints WHERE origin = ? AND size = ?"
# From one origin to the next by the index: a line has a checkpoint a minute, and there are few lines.
_ORIGINS = (
    "WITH RECURSIVE line (origin) AS (SELECT min(origin) FROM checkpoints UNION ALL "
    "SELECT (SELECT min(origin) FROM checkpoints WHERE origin > line.origin) FROM line "
    "WHERE line.origin IS NOT NULL) SELECT origin FROM line WHERE origin IS NOT NULL"
)


def migrate_checkpoints(path: Path) -> None:
    migrate(path, SCHEMA)


class SqliteCheckpoints:
    """Keeps the promises of `KeptCheckpoints`."""

    def __init__(self, path: Path) -> None:
        self._connections = SqliteConnections(path, SCHEMA)

    def last(self, origin: str) -> Sealed | None:
        found = self._connections.fetch_all(_LAST, [origin])
        return Sealed(*found[0]) if found else None

    def add(self, origin: str, sealed: Sealed) -> bool:
        values = (
            origin,
            sealed.size,
            sealed.position,
            sealed.last_leaf,
            sealed.peaks,
            sealed.note,
        )
        with self._connections.writing() as connection:
            return connection.execute(_ADD, values).rowcount == 1

    def notes(self, origin: str, *, after: int, limit: int) -> list[tuple[int, str]]:
        return self._connections.fetch_all(_NOTES, [origin, after, limit])

    def note(self, origin: str, size: int) -> str | None:
        found = self._connections.fetch_all(_NOTE, [origin, size])
        return str(found[0][0]) if found else None

    def origins(self) -> list[str]:
        return [origin for (origin,) in self._connections.fetch_all(_ORIGINS)]

    def close(self) -> None:
        self._connections.close()
