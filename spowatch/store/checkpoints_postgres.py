"""The checkpoints of a log on PostgreSQL: a schema of the log's database."""

from collections.abc import Mapping
from typing import LiteralString

from spowatch.store.checkpoints import Sealed
from spowatch.store.postgres_connection import PostgresServer
from spowatch.store.postgres_connections import PostgresConnections
from spowatch.store.postgres_faults import ServerFaultsNamed
from spowatch.store.postgres_schema import PostgresSchema

_CHECKPOINTS = """
CREATE TABLE seal.checkpoints (
    origin text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    position bigint NOT NULL,
    last_leaf bytea NOT NULL,
    peaks bytea NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (origin, size)
)
"""
_SCHEMA = PostgresSchema("seal", ((_CHECKPOINTS,),))

_LAST: LiteralString = (
    "SELECT size, position, last_leaf, peaks, note FROM seal.checkpoints WHERE origin = %b "
    "ORDER BY size DESC LIMIT 1"
)
_ADD: LiteralString = (
    "INSERT INTO seal.checkpoints SELECT %b, %b::bigint, %b::bigint, %b, %b, %b "
    "WHERE NOT EXISTS (SELECT FROM seal.checkpoints WHERE origin = %b AND size >= %b::bigint) "
    "ON CONFLICT DO NOTHING RETURNING 1"
)
_NOTES: LiteralString = (
    "SELECT size, note FROM seal.checkpoints WHERE origin = %b AND size > %b::bigint "
    "ORDER BY size LIMIT %b::bigint"
)
_NOTE: LiteralString = "SELECT note FROM seal.checkpoints WHERE origin = %b AND size = %b::bigint"
# From one origin to the next by the index: a line has a checkpoint a minute, and there are few lines.
_ORIGINS: LiteralString = (
    "WITH RECURSIVE line (origin) AS (SELECT min(origin) FROM seal.checkpoints UNION ALL "
    "SELECT (SELECT min(origin) FROM seal.checkpoints WHERE origin > line.origin) FROM line "
    "WHERE line.origin IS NOT NULL) SELECT origin FROM line WHERE origin IS NOT NULL"
)


def migrate_postgres_checkpoints(dsn: str, *, environment: Mapping[str, str]) -> None:
    """Create the schema, or upgrade it; done by `spowatch migrate`, never by a role."""
    _SCHEMA.migrate(PostgresServer(dsn, environment=environment))


def forget_postgres_checkpoints(dsn: str, *, environment: Mapping[str, str]) -> None:
    """Those of a log that is not there any more; by the owner."""
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        connection.execute("DELETE FROM seal.checkpoints")


class PostgresCheckpoints:
    """Keeps the promises of `KeptCheckpoints`."""

    def __init__(self, dsn: str, *, environment: Mapping[str, str]) -> None:
        server = PostgresServer(dsn, environment=environment)
        with ServerFaultsNamed(server.place), server.connect() as connection:
            _SCHEMA.check(server, connection)
        self._connections = PostgresConnections(server)

    def last(self, origin: str) -> Sealed | None:
        found = self._connections.fetch_all(_LAST, [origin])
        return Sealed(*found[0]) if found else None

    def add(self, origin: str, sealed: Sealed) -> bool:
        values = (sealed.position, sealed.last_leaf, sealed.peaks, sealed.note)
        asked = [origin, sealed.size, *values, origin, sealed.size]
        return bool(self._connections.fetch_all(_ADD, asked))

    def notes(self, origin: str, *, after: int, limit: int) -> list[tuple[int, str]]:
        return self._connections.fetch_all(_NOTES, [origin, after, limit])

    def note(self, origin: str, size: int) -> str | None:
        found = self._connections.fetch_all(_NOTE, [origin, size])
        return str(found[0][0]) if found else None

    def origins(self) -> list[str]:
        return [origin for (origin,) in self._connections.fetch_all(_ORIGINS)]

    def close(self) -> None:
        self._connections.close()
