"""Wakes whoever waits for the log on PostgreSQL to grow, and keeps its own ear to the server."""

import os
import socket
import threading
from collections.abc import Callable
from time import monotonic

import psycopg
from psycopg.sql import SQL, Identifier

from spowatch.store.log_schema_postgres import CHANNEL
from spowatch.store.postgres_connection import PostgresServer, TimedConnection
from spowatch.store.sqlite_connection import StoreUnavailable

HEARTBEAT = 1.0
"""Seconds without a word after which the server is asked whether it still hears us."""

_ANSWER = 1.5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_JOIN = 5.0


class PostgresWatch:
    """Counts commits in turns; a turn seen before reading is never slept through.

    Take `turn`, read, and `wait_past` that turn when there was nothing to read. Each time it
    listens anew a turn has passed too, for what was committed while it did not.
    """

    def __init__(
        self,
        server: PostgresServer,
        channel: str = CHANNEL,
        ours: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`ours` is the server process that writes for us: each of its commits is told by `committed`."""
        self._server = server
        self._ours = ours
        self._listen_to = SQL("LISTEN {}").format(Identifier(channel))
        self._changed = threading.Condition()
        self._turn = 0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: TimedConnection | None = None

    def start(self) -> None:
        """Listen, on a thread and a connection of its own; does nothing when it does already."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="log watch", daemon=True)
                self._thread.start()

    @property
    def turn(self) -> int:
        with self._changed:
            return self._turn

    def committed(self) -> None:
        """Say that a change of ours is on disk."""
        with self._changed:
            self._turn += 1
            self._changed.notify_all()

    def wait_past(self, turn: int, timeout: float) -> bool:
        """Whether something was committed after `turn`, waiting at most `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._turn != turn, max(timeout, 0.0))

    def _watch(self) -> None:
        pause = _FIRST_PAUSE
        while not self._closing.is_set():
            begun = monotonic()
            try:
                with self._server.connect() as connection:
                    self._listen(connection)
            except (psycopg.Error, StoreUnavailable, MemoryError):
                # The reader that waits polls meanwhile, and tells of a server that stays away.
                quick = monotonic() - begun < HEARTBEAT
                pause = min(2 * pause, _LONGEST_PAUSE) if quick else _FIRST_PAUSE
                self._closing.wait(pause)

    def _listen(self, connection: TimedConnection) -> None:
        with self._changed:
            self._connection = connection
        try:
            connection.execute(self._listen_to)
            self.committed()
            while not self._closing.is_set():
                self._hear(connection)
        finally:
            with self._changed:
                self._connection = None

    def _hear(self, connection: TimedConnection) -> None:
        connection.allow(HEARTBEAT + _ANSWER)
        heard = list(connection.notifies(timeout=HEARTBEAT, stop_after=1))
        if any(each.pid != self._ours() for each in heard):
            self.committed()
        elif not heard:
            connection.execute("SELECT")

    def close(self) -> None:
        self._closing.set()
        with self._changed:
            if self._connection is not None:
                _hang_up(self._connection)
            thread = self._thread
        if thread is not None:
            thread.join(_JOIN)


def _hang_up(connection: TimedConnection) -> None:
    """End what another thread waits for on it; only that thread may close it."""
    with socket.socket(fileno=os.dup(connection.fileno())) as link:
        link.shutdown(socket.SHUT_RDWR)
