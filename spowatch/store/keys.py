"""The keys of the people the log is about: made on first use, kept wrapped, destroyed for ever."""

import sqlite3
import threading
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spowatch.store.data_key import (
    DataKey,
    WrongMasterKey,
    data_key,
    new_wrapped_key,
    unwrap,
    wrap,
)
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

FRESH_FOR = 0.2
"""Seconds within which a key destroyed by another process is no longer used here."""

_PROBE = b"probe"


class KeyMissing(ValueError):
    """There never was such a key here: the key store is not this log's, or an old copy of it."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What is left of a key: when it was destroyed."""

    at: datetime


def migrate_keys(path: Path, master_key: bytes) -> None:
    """Create the key store under this master key, or upgrade it.

    Raises `WrongMasterKey` when the store was made under another one.
    """
    migrate(path, SCHEMA)
    master = AESGCM(master_key)
    with FaultsNamed(path), closing(connect(path)) as connection:
        probe = wrap(master, _PROBE, _PROBE)
        connection.execute("INSERT OR IGNORE INTO master VALUES (1, ?)", (probe,))
        _confirm_master(path, connection, master)


class KeyStore:
    """Keys by the id of the person they belong to; may be shared by threads and processes.

    A key is on disk before it is first handed out. A destroyed key is gone from this process at
    once, from every other within `FRESH_FOR` seconds, and is never made again.
    """

    def __init__(
        self, path: Path, master_key: bytes, *, busy_timeout: float = BUSY_TIMEOUT
    ) -> None:
        """Raises `WrongMasterKey` when the store was made under another one."""
        self.path = path
        self._master = AESGCM(master_key)
        self._lock = threading.Lock()
        self._known: dict[UUID, DataKey | Destroyed] = {}
        self._fresh_until = 0.0
        with FaultsNamed(path):
            self._connection = connect(path, busy_timeout=busy_timeout)
            try:
                self._check()
                self._connection.execute("PRAGMA secure_delete=ON")
                self._destroyed = self._count_destroyed()
            except BaseException:
                self._connection.close()
                raise

    def key(self, key_id: UUID) -> DataKey | Destroyed:
        """Raises `KeyMissing` when there never was such a key."""
        found = self._find(key_id)
        if found is None:
            msg = f"{self.path} never had the key {key_id}"
            raise KeyMissing(msg)
        return found

    def key_or_new(self, key_id: UUID) -> DataKey | Destroyed:
        found = self._find(key_id)
        if found is None:
            self.create([key_id])
            return self.key(key_id)
        return found

    def create(self, key_ids: Collection[UUID]) -> None:
        """Make the keys not yet made, in one commit; destroyed ones stay destroyed."""
        with self._lock, FaultsNamed(self.path), Transaction(self._connection) as connection:
            for key_id in key_ids:
                connection.execute(
                    "INSERT OR IGNORE INTO data_keys SELECT ?1, ?2 "
                    "WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE key_id = ?1)",
                    (key_id.bytes, new_wrapped_key(self._master, key_id.bytes)),
                )

    def destroy(self, key_id: UUID, *, at: datetime) -> None:
        """Make every word under this key unreadable, and leave no byte of it in our files.

        May be repeated; the first date stands. Backups, and disk blocks given back to the file
        system, still hold the wrapped key: useless without the master key, but to be followed up.
        """
        with self._lock, FaultsNamed(self.path):
            with Transaction(self._connection) as connection:
                tombstone = (key_id.bytes, at.isoformat())
                connection.execute("DELETE FROM data_keys WHERE key_id = ?", (key_id.bytes,))
                connection.execute("INSERT OR IGNORE INTO destroyed VALUES (?, ?)", tombstone)
            self._known.pop(key_id, None)
            self._empty_write_ahead_log()

    def close(self) -> None:
        with self._lock:
            self._known.clear()
            self._connection.close()

    def _empty_write_ahead_log(self) -> None:
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            trouble = "the key is destroyed, but bytes of it may be left in the write-ahead log"
            raise StoreUnavailable(self.path, trouble, "destroy it once more")

    def _find(self, key_id: UUID) -> DataKey | Destroyed | None:
        if monotonic() >= self._fresh_until:
            self._forget_if_changed()
        return self._known.get(key_id) or self._load(key_id)

    def _load(self, key_id: UUID) -> DataKey | Destroyed | None:
        with self._lock, FaultsNamed(self.path):
            found = self._select(key_id)
            if found is not None:
                self._known[key_id] = found
            return found

    def _select(self, key_id: UUID) -> DataKey | Destroyed | None:
        found = self._connection.execute(
            "SELECT wrapped, NULL FROM data_keys WHERE key_id = ?1 "
            "UNION ALL SELECT NULL, destroyed_at FROM destroyed WHERE key_id = ?1",
            (key_id.bytes,),
        ).fetchone()
        if found is None:
            return None
        wrapped, destroyed_at = found
        if wrapped is None:
            return Destroyed(datetime.fromisoformat(destroyed_at))
        return data_key(self._master, wrapped, key_id.bytes)

    def _forget_if_changed(self) -> None:
        with self._lock, FaultsNamed(self.path):
            # Counted from before the look: what is destroyed after it is seen at the next one.
            self._fresh_until = monotonic() + FRESH_FOR
            destroyed = self._count_destroyed()
            if destroyed != self._destroyed:
                self._destroyed = destroyed
                self._known.clear()

    def _count_destroyed(self) -> int:
        """It only grows. New keys of other processes are no reason to read the old ones again."""
        return int(self._connection.execute("SELECT count(*) FROM destroyed").fetchone()[0])

    def _check(self) -> None:
        check_schema(self.path, self._connection, SCHEMA)
        _confirm_master(self.path, self._connection, self._master)


def _confirm_master(path: Path, connection: sqlite3.Connection, master: AESGCM) -> None:
    found = connection.execute("SELECT probe FROM master").fetchone()
    if found is None:
        trouble = "not bound to a master key"
        raise StoreUnavailable(path, trouble, "run `spowatch migrate`, then start again")
    try:
        unwrap(master, found[0], _PROBE)
    except WrongMasterKey:
        msg = f"{path} was made under another master key"
        raise WrongMasterKey(msg) from None
