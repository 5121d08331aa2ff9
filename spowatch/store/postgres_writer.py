"""The one connection of a process that writes to the log on PostgreSQL."""

import threading
from collections.abc import Sequence

import psycopg
from eventsourcing.persistence import ProgrammingError

from spowatch.store.log_schema_postgres import check_postgres_schema
from spowatch.store.postgres_appends import AppendingCursor, Crowd, append
from spowatch.store.postgres_connection import DEADLINE, PostgresServer
from spowatch.store.postgres_faults import (
    ServerFaultsNamed,
    may_have_committed,
    outcome_unknown,
)
from spowatch.store.postgres_group_commit import Save

_FAULTS_OF_ONE = (psycopg.DataError, psycopg.IntegrityError, UnicodeError)
"""What one save can cause by what is in it; the others of its transaction are then sent again."""


class PostgresWriter:
    """Opens a log at the version of this release, anew when the server hung up meanwhile."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._closed = False
        self._crowd = Crowd()
        self.session: int | None = None
        """The server process that writes for us."""
        self._cursor = self._connect()

    def commit(self, saves: Sequence[Save]) -> None:
        """One transaction; settles each save, or raises and has settled those it is sure of."""
        with self._lock, ServerFaultsNamed(self._server.place):
            cursor = self._opened()
            try:
                self._commit(cursor, saves)
            except psycopg.Error as error:
                if may_have_committed(error):
                    self.session = None  # nobody was told of it here: its notice is to be heard
                    raise outcome_unknown(self._server.place, error) from error
                raise

    def _commit(self, cursor: AppendingCursor, saves: Sequence[Save]) -> None:
        cursor.connection.allow(DEADLINE)
        try:
            append(cursor, saves, self._crowd)
        except _FAULTS_OF_ONE as fault:
            if len(saves) == 1:
                saves[0].refused(fault)
                return
            for each in saves:
                self._commit(cursor, [each])

    def _opened(self) -> AppendingCursor:
        if self._closed:
            msg = f"{self._server.place} was closed"
            raise ProgrammingError(msg)
        if not self._cursor.connection.usable():
            self._cursor.connection.close()
            self._cursor = self._connect()
        return self._cursor

    def _connect(self) -> AppendingCursor:
        connection = self._server.connect()
        try:
            with ServerFaultsNamed(self._server.place):
                check_postgres_schema(self._server, connection)
                self.session = connection.info.backend_pid
                return AppendingCursor(connection)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._cursor.connection.close()
