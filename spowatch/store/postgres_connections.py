"""The connections of one process to the log's server that read, a few for all its threads."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

from eventsourcing.persistence import ProgrammingError

from spowatch.store.postgres_connection import DEADLINE, KeptCursor, PostgresServer
from spowatch.store.postgres_faults import ServerFaultsNamed
from spowatch.store.sqlite_connection import StoreUnavailable

MOST_READING = 4
"""A thread more waits for one of them to be free; the server's limit is for all processes."""


class PostgresConnections:
    """May be closed while threads still use it: what they began is finished."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._free = threading.Semaphore(MOST_READING)
        self._lock = threading.Lock()
        self._idle: list[KeptCursor] = []
        self._closed = False
        self._in_use = 0

    @property
    def in_use(self) -> int:
        """Of `MOST_READING`; one more waits."""
        return self._in_use

    def fetch_all(self, sql: LiteralString, values: Sequence[object] = ()) -> list[Any]:
        with ServerFaultsNamed(self._server.place), self._taken() as cursor:
            cursor.connection.allow(DEADLINE)
            return cursor.execute(sql, values).fetchall()

    @contextmanager
    def _taken(self) -> Iterator[KeptCursor]:
        if not self._free.acquire(timeout=DEADLINE):
            trouble = f"its {MOST_READING} reading connections were busy for {DEADLINE:.0f} s"
            raise StoreUnavailable(self._server.place, trouble, "try again")
        self._count(1)
        try:
            cursor = self._idle_one() or KeptCursor(self._server.connect())
            try:
                yield cursor
            finally:
                self._put_back(cursor)
        finally:
            self._count(-1)
            self._free.release()

    def _count(self, more: int) -> None:
        with self._lock:
            self._in_use += more

    def _idle_one(self) -> KeptCursor | None:
        with self._lock:
            if self._closed:
                msg = f"{self._server.place} was closed"
                raise ProgrammingError(msg)
            while self._idle:
                cursor = self._idle.pop()
                if cursor.connection.usable():
                    return cursor
                cursor.connection.close()
        return None

    def _put_back(self, cursor: KeptCursor) -> None:
        with self._lock:
            # Whoever takes it next looks whether the server has hung up since.
            if cursor.connection.unbroken and not self._closed:
                self._idle.append(cursor)
            else:
                cursor.connection.close()
                # What broke one link, silently perhaps, broke them all.
                self._close_idle()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._close_idle()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().connection.close()
