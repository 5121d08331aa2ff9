"""The connections of one SQLite file in one process: one that writes, one a thread that reads."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spowatch.store.sqlite_connection import (
    BUSY_TIMEOUT,
    Steps,
    check_schema,
    connect,
    faults_named,
    transaction,
)


class SqliteConnections:
    """Opens an existing file at the version of `steps`; never creates or upgrades one.

    Close it after the threads that use it have ended.
    """

    def __init__(self, path: Path, steps: Steps, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self._busy_timeout = busy_timeout
        self._write_lock = threading.Lock()
        self._readers_lock = threading.Lock()
        self._readers: dict[threading.Thread, sqlite3.Connection] = {}
        self._mine = threading.local()
        with faults_named(path):
            self._writer = connect(path, busy_timeout=busy_timeout)
            try:
                check_schema(path, self._writer, steps)
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed and synced to disk when the block ends, or not at all."""
        with self._write_lock, faults_named(self.path), transaction(self._writer) as connection:
            yield connection

    @contextmanager
    def inspecting_writer(self) -> Iterator[sqlite3.Connection]:
        """The connection that writes, outside any transaction: its pragmas are the true ones."""
        with self._write_lock, faults_named(self.path):
            yield self._writer

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The calling thread's own connection, which cannot write."""
        with faults_named(self.path):
            connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
            yield connection if connection is not None else self._open_reader()

    def _open_reader(self) -> sqlite3.Connection:
        connection = connect(self.path, busy_timeout=self._busy_timeout)
        connection.execute("PRAGMA query_only=ON")
        with self._readers_lock:
            self._close_readers_of_ended_threads()
            self._readers[threading.current_thread()] = connection
        self._mine.connection = connection
        return connection

    def _close_readers_of_ended_threads(self) -> None:
        for thread in [thread for thread in self._readers if not thread.is_alive()]:
            self._readers.pop(thread).close()

    def close(self) -> None:
        with self._write_lock, self._readers_lock:
            self._writer.close()
            for connection in self._readers.values():
                connection.close()
            self._readers.clear()
