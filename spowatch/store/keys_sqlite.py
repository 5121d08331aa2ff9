"""The key store in one SQLite file, for one machine."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from uuid import UUID

from spowatch.store.keys import KeyStore, KeyTable, confirm_master, new_probe
from spowatch.store.sqlite_connection import (
    BUSY_TIMEOUT,
    FaultsNamed,
    StoreUnavailable,
    Transaction,
    check_schema,
    connect,
    migrate,
)

SCHEMA = (
    (
        "CREATE TABLE data_keys (key_id BLOB PRIMARY KEY, wrapped BLOB NOT NULL)",
        "CREATE TABLE destroyed (key_id BLOB PRIMARY KEY, destroyed_at TEXT NOT NULL)",
        "CREATE TABLE master (only INTEGER PRIMARY KEY CHECK (only = 1), probe BLOB NOT NULL)",
    ),
)

_EVERY = (
    "SELECT key_id, wrapped, NULL FROM data_keys "
    "UNION ALL SELECT key_id, NULL, destroyed_at FROM destroyed"
)


def migrate_keys(path: Path, master_key: bytes) -> None:
    """Create the key store under this master key, or upgrade it.

    Raises `WrongMasterKey` when the store was made under another one.
    """
    migrate(path, SCHEMA)
    with FaultsNamed(path), closing(connect(path)) as connection:
        connection.execute("INSERT OR IGNORE INTO master VALUES (1, ?)", (new_probe(master_key),))
    with closing(SqliteKeyTable(path)) as table:
        confirm_master(table, master_key)


def sqlite_keys(path: Path, master_key: bytes, *, busy_timeout: float = BUSY_TIMEOUT) -> KeyStore:
    """Raises `WrongMasterKey` when the store was made under another one."""
    table = SqliteKeyTable(path, busy_timeout=busy_timeout)
    try:
        return KeyStore(table, master_key)
    except BaseException:
        table.close()
        raise


def write_key_copy(path: Path, keys: KeyTable) -> int:
    """A new file with every key as it is wrapped there; how many."""
    migrate(path, SCHEMA)
    count = 0
    with FaultsNamed(path), closing(connect(path)) as connection:
        with Transaction(connection):
            connection.execute("INSERT INTO master VALUES (1, ?)", (keys.probe(),))
            for key_id, found in keys.every():
                count += 1
                if isinstance(found, datetime):
                    values = (key_id.bytes, found.isoformat())
                    connection.execute("INSERT INTO destroyed VALUES (?, ?)", values)
                else:
                    connection.execute("INSERT INTO data_keys VALUES (?, ?)", (key_id.bytes, found))
        connection.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal beside it
    return count


class SqliteKeyTable:
    """A destroyed key leaves no byte of it in our files.

    Backups, and disk blocks given back to the file system, still hold the wrapped key.
    """

    def __init__(self, path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.place = path
        with FaultsNamed(path):
            self._connection = connect(path, busy_timeout=busy_timeout)
            try:
                check_schema(path, self._connection, SCHEMA)
                self._connection.execute("PRAGMA secure_delete=ON")
            except BaseException:
                self._connection.close()
                raise

    def probe(self) -> bytes | None:
        with FaultsNamed(self.place):
            found = self._connection.execute("SELECT probe FROM master").fetchone()
        return None if found is None else bytes(found[0])

    def find(self, key_ids: Collection[UUID]) -> dict[UUID, bytes | datetime]:
        found = ((key_id, self._find(key_id)) for key_id in key_ids)
        return {key_id: known for key_id, known in found if known is not None}

    def _find(self, key_id: UUID) -> bytes | datetime | None:
        with FaultsNamed(self.place):
            found = self._connection.execute(
                "SELECT wrapped, NULL FROM data_keys WHERE key_id = ?1 "
                "UNION ALL SELECT NULL, destroyed_at FROM destroyed WHERE key_id = ?1",
                (key_id.bytes,),
            ).fetchone()
        if found is None:
            return None
        wrapped, destroyed_at = found
        return datetime.fromisoformat(destroyed_at) if wrapped is None else bytes(wrapped)

    def every(self) -> Iterator[tuple[UUID, bytes | datetime]]:
        with FaultsNamed(self.place):
            for key_id, wrapped, destroyed_at in self._connection.execute(_EVERY):
                yield (
                    UUID(bytes=key_id),
                    datetime.fromisoformat(destroyed_at) if wrapped is None else bytes(wrapped),
                )

    def add(self, wrapped: Mapping[UUID, bytes], *, probe: bytes) -> None:
        with FaultsNamed(self.place), Transaction(self._connection) as connection:
            for key_id, key in wrapped.items():
                connection.execute(
                    "INSERT OR IGNORE INTO data_keys SELECT ?1, ?2 "
                    "WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE key_id = ?1) "
                    "AND EXISTS (SELECT 1 FROM master WHERE probe = ?3)",
                    (key_id.bytes, key, probe),
                )

    def destroy(self, key_id: UUID, at: datetime) -> None:
        with FaultsNamed(self.place):
            with Transaction(self._connection) as connection:
                tombstone = (key_id.bytes, at.isoformat())
                connection.execute("DELETE FROM data_keys WHERE key_id = ?", (key_id.bytes,))
                connection.execute("INSERT OR IGNORE INTO destroyed VALUES (?, ?)", tombstone)
            self._empty_write_ahead_log()

    def rewrap(self, again: Callable[[UUID, bytes], bytes], probe: bytes) -> int:
        with FaultsNamed(self.place):
            with Transaction(self._connection) as connection:
                rows = connection.execute("SELECT key_id, wrapped FROM data_keys").fetchall()
                connection.executemany(
                    "UPDATE data_keys SET wrapped = ? WHERE key_id = ?",
                    [(again(UUID(bytes=key_id), wrapped), key_id) for key_id, wrapped in rows],
                )
                connection.execute("UPDATE master SET probe = ?", (probe,))
            self._empty_write_ahead_log()
        return len(rows)

    def destroyed(self) -> int:
        with FaultsNamed(self.place):
            found = self._connection.execute("SELECT count(*) FROM destroyed").fetchone()
        return int(found[0])

    def close(self) -> None:
        self._connection.close()

    def _empty_write_ahead_log(self) -> None:
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            trouble = "the key is destroyed, but bytes of it may be left in the write-ahead log"
            raise StoreUnavailable(self.place, trouble, "destroy it once more")
