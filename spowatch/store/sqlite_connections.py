"""The connections of one SQLite file in one process: one that writes, one a thread that reads."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spowatch.store.sqlite_connection import (
    BUSY_TIMEOUT,
    FaultsNamed,
    Steps,
    Transaction,
    check_schema,
    connect,
)


class _Reader:
    """One thread's connection, with the lock that keeps it open while it is in use."""

    __slots__ = ("connection", "lock")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.Lock()

    def close(self) -> None:
        with self.lock:
            self.connection.close()


class SqliteConnections:
    """Opens an existing file at the version of `steps`; never creates or upgrades one.

    May be closed while threads still use it: what they began is finished, and whatever they ask
    for afterwards raises `sqlite3.ProgrammingError`.
    """

    def __init__(self, path: Path, steps: Steps, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self._busy_timeout = busy_timeout
        self._write_lock = threading.Lock()
        self._readers_lock = threading.Lock()
        self._readers: dict[threading.Thread, _Reader] = {}
        self._mine = threading.local()
        self._closed = False
        with FaultsNamed(path):
            self._writer = connect(path, busy_timeout=busy_timeout)
            try:
                check_schema(path, self._writer, steps)
                self._writer.execute("PRAGMA busy_timeout=0")  # it waits for its turn by itself
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed and synced to disk when the block ends, or not at all."""
        turn = Transaction(self._writer, self._busy_timeout)
        with self._write_lock, FaultsNamed(self.path), turn as connection:
            yield connection

    @contextmanager
    def inspecting_writer(self) -> Iterator[sqlite3.Connection]:
        """The connection that writes, outside any transaction: its pragmas are the true ones."""
        with self._write_lock, FaultsNamed(self.path):
            yield self._writer

    def fetch_all(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """The rows, by the calling thread's own connection, which cannot write."""
        with FaultsNamed(self.path):
            reader: _Reader = getattr(self._mine, "reader", None) or self._open_reader()
            # SQLite crashes the process when a connection is closed under a running query.
            with reader.lock:
                return reader.connection.execute(sql, values).fetchall()

    def _open_reader(self) -> _Reader:
        with self._readers_lock:
            if self._closed:
                msg = f"{self.path} was closed"
                raise sqlite3.ProgrammingError(msg)
            connection = connect(self.path, busy_timeout=self._busy_timeout)
            connection.execute("PRAGMA query_only=ON")
            reader = _Reader(connection)
            self._close_readers_of_ended_threads()
            self._readers[threading.current_thread()] = self._mine.reader = reader
        return reader

    def _close_readers_of_ended_threads(self) -> None:
        for thread in [thread for thread in self._readers if not thread.is_alive()]:
            self._readers.pop(thread).close()

    def close(self) -> None:
        with self._write_lock, self._readers_lock:
            self._closed = True
            self._writer.close()
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()
