"""The key store in a PostgreSQL database of its own, for roles on several machines."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import LiteralString
from uuid import UUID

from spowatch.store.keys import KeyStore, confirm_master, new_probe
from spowatch.store.postgres_connection import PostgresServer
from spowatch.store.postgres_connections import PostgresConnections
from spowatch.store.postgres_faults import ServerFaultsNamed
from spowatch.store.postgres_schema import PostgresSchema

# One row a person, with the key or with what is left of it: whoever makes a key and whoever destroys
# it meet on the row, and there is no moment at which one of them could miss the other.
_DATA_KEYS = """
CREATE TABLE keys.data_keys (
    key_id uuid PRIMARY KEY,
    wrapped bytea,
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
)
"""
_DESTROYED = "CREATE INDEX destroyed ON keys.data_keys (destroyed_at) WHERE wrapped IS NULL"
_MASTER = "CREATE TABLE keys.master (one boolean PRIMARY KEY CHECK (one), probe bytea NOT NULL)"
_SCHEMA = PostgresSchema("keys", ((_DATA_KEYS, _DESTROYED, _MASTER),))

_BIND: LiteralString = "INSERT INTO keys.master VALUES (true, %b) ON CONFLICT DO NOTHING"
_MADE: LiteralString = "SELECT to_regclass('keys.master') IS NOT NULL"
_PROBE: LiteralString = "SELECT probe FROM keys.master"
_FIND: LiteralString = (
    "SELECT key_id, wrapped, destroyed_at FROM keys.data_keys WHERE key_id = ANY(%b::uuid[])"
)
# In one order, so that no two processes wait for each other's.
_ADD: LiteralString = (
    "INSERT INTO keys.data_keys (key_id, wrapped) "
    "SELECT * FROM unnest(%b::uuid[], %b::bytea[]) "
    "WHERE EXISTS (SELECT FROM keys.master WHERE probe = %b) "
    "ORDER BY 1 ON CONFLICT DO NOTHING RETURNING 1"
)
_DESTROY: LiteralString = (
    "INSERT INTO keys.data_keys AS known (key_id, destroyed_at) VALUES (%b, %b) "
    "ON CONFLICT (key_id) DO UPDATE SET wrapped = NULL, "
    "destroyed_at = coalesce(known.destroyed_at, excluded.destroyed_at) RETURNING 1"
)
_EVERY: LiteralString = (
    "SELECT key_id, wrapped, destroyed_at FROM keys.data_keys WHERE key_id > %b "
    "ORDER BY key_id LIMIT %b::bigint"
)
_PAGE = 1000
_WRAPPED = "SELECT key_id, wrapped FROM keys.data_keys WHERE wrapped IS NOT NULL"
_REWRAP = "UPDATE keys.data_keys SET wrapped = %s WHERE key_id = %s"
_ROTATION_TAKES = 3600.0
_COUNT: LiteralString = "SELECT count(*) FROM keys.data_keys WHERE wrapped IS NULL"


def migrate_postgres_keys(dsn: str, master_key: bytes, *, environment: Mapping[str, str]) -> None:
    """Create the key store under this master key, or upgrade it; never done by a role.

    Raises `WrongMasterKey` when the store was made under another one.
    """
    server = PostgresServer(dsn, environment=environment)
    _SCHEMA.migrate(server)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        connection.execute(_BIND, [new_probe(master_key)])
    table = PostgresKeyTable(server)
    try:
        confirm_master(table, master_key)
    finally:
        table.close()


def kept_keys(dsn: str, *, environment: Mapping[str, str]) -> list[Path]:
    """The key store, where there is one already, and so a master key that opens it."""
    server = PostgresServer(dsn, environment=environment)
    with ServerFaultsNamed(server.place), server.connect() as connection:
        made = connection.execute(_MADE).fetchone() == (True,)
        bound = made and connection.execute(_PROBE).fetchone() is not None
    return [server.place] if bound else []


def postgres_keys(dsn: str, master_key: bytes, *, environment: Mapping[str, str]) -> KeyStore:
    """Raises `WrongMasterKey` when the store was made under another one."""
    table = PostgresKeyTable(PostgresServer(dsn, environment=environment))
    try:
        return KeyStore(table, master_key)
    except BaseException:
        table.close()
        raise


def postgres_key_table(dsn: str, *, environment: Mapping[str, str]) -> "PostgresKeyTable":
    """The keys as they are kept, wrapped."""
    return PostgresKeyTable(PostgresServer(dsn, environment=environment))


class PostgresKeyTable:
    """A destroyed key leaves no live row, and no transaction begun from then on finds it.

    The server still holds the wrapped key in dead rows until the table is rewritten (`VACUUM FULL
    keys.data_keys` as its owner; a plain VACUUM gives the space back without emptying it), in its
    write-ahead log until that is recycled, and wherever that is archived; so do replicas that lag,
    and backups. A key is beyond recovery when those have run out.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        with ServerFaultsNamed(server.place), server.connect() as connection:
            _SCHEMA.check(server, connection)
        self._connections = PostgresConnections(server)

    @property
    def place(self) -> Path:
        return self._server.place

    def probe(self) -> bytes | None:
        found = self._connections.fetch_all(_PROBE)
        return bytes(found[0][0]) if found else None

    def find(self, key_ids: Collection[UUID]) -> dict[UUID, bytes | datetime]:
        rows = self._connections.fetch_all(_FIND, [list(key_ids)])
        return {
            key_id: destroyed_at if wrapped is None else bytes(wrapped)
            for key_id, wrapped, destroyed_at in rows
        }

    def every(self) -> Iterator[tuple[UUID, bytes | datetime]]:
        after = UUID(int=0)
        while page := self._connections.fetch_all(_EVERY, [after, _PAGE]):
            for key_id, wrapped, destroyed_at in page:
                yield key_id, destroyed_at if wrapped is None else bytes(wrapped)
            after = page[-1][0]

    def add(self, wrapped: Mapping[UUID, bytes], *, probe: bytes) -> None:
        self._connections.fetch_all(_ADD, [list(wrapped), list(wrapped.values()), probe])

    def rewrap(self, again: Callable[[UUID, bytes], bytes], probe: bytes) -> int:
        """By the owner. Whoever would add a key waits, and then adds none under the old master key."""
        with (
            ServerFaultsNamed(self._server.place),
            self._server.connect(seconds=_ROTATION_TAKES) as connection,
        ):
            connection.execute("SET statement_timeout = 0")
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE keys.data_keys IN SHARE ROW EXCLUSIVE MODE")
                rows = cursor.execute(_WRAPPED).fetchall()
                cursor.executemany(
                    _REWRAP, [(again(key_id, bytes(wrapped)), key_id) for key_id, wrapped in rows]
                )
                cursor.execute("UPDATE keys.master SET probe = %s", [probe])
        return len(rows)

    def destroy(self, key_id: UUID, at: datetime) -> None:
        self._connections.fetch_all(_DESTROY, [key_id, at])

    def destroyed(self) -> int:
        return int(self._connections.fetch_all(_COUNT)[0][0])

    def close(self) -> None:
        self._connections.close()
