"""How a connection to the log's PostgreSQL server is opened, timed and checked."""

import select
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format, TransactionStatus
from psycopg.rows import TupleRow

from spowatch.store.postgres_faults import ServerFaultsNamed
from spowatch.store.sqlite_connection import StoreUnavailable

DEADLINE = 5.0
"""Seconds any call may take in all, and as many again where it has to connect first.

The server gives up on its own part before that.
"""

_SERVER_GIVES_UP = {
    "statement_timeout": 4000,
    "lock_timeout": 2000,
    "idle_in_transaction_session_timeout": 5000,
}
_LINK: Mapping[str, Any] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 4000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "application_name": "spowatch",
}
_DURABLE = {
    "fsync": "set fsync = on in postgresql.conf and reload",
    "full_page_writes": "set full_page_writes = on in postgresql.conf and reload",
    "synchronous_commit": "set synchronous_commit = on for this role and database",
}
_SETTINGS = "SELECT " + ", ".join(f"current_setting('{name}')" for name in _DURABLE)
_NO_FILE = "raise the limit of open files (LimitNOFILE, or ulimit -n), or end what has them open"
_LOOK_UP = 0.1
_OLDEST_SERVER = 150_000

_T = TypeVar("_T")


class TimedConnection(psycopg.Connection[TupleRow]):
    """Closed when an answer has not come by `deadline`.

    Nothing else ends a wait on a link that went silent: the server's timeouts run on the server,
    and the driver's only while it connects.
    """

    deadline = 0.0

    def wait(self, gen: PQGen[_T], interval: float = _LOOK_UP, timeout: float | None = None) -> _T:
        remaining = max(0.0, self.deadline - monotonic())
        if timeout is not None and timeout < remaining:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, remaining)
        except psycopg.OperationalError:
            if monotonic() < self.deadline:
                raise
            self.close()
            msg = "no answer from the server in time"
            raise psycopg.errors.ConnectionTimeout(msg) from None

    def allow(self, seconds: float) -> None:
        """Give what is asked next that long, all of it together."""
        self.deadline = monotonic() + seconds

    @property
    def unbroken(self) -> bool:
        """Whether all that was asked of it was answered. It is not asked whether the server is there."""
        return not self.closed and self.pgconn.transaction_status == TransactionStatus.IDLE

    def usable(self) -> bool:
        """Whether the link still stands. An idle server says nothing, except when it hangs up."""
        if not self.unbroken:
            return False
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return not poll.poll(0)


class KeptCursor(psycopg.Cursor[TupleRow]):
    """Kept as long as its connection, because making one for each statement is felt."""

    connection: TimedConnection

    def __init__(self, connection: TimedConnection) -> None:
        super().__init__(connection)
        self.format = Format.BINARY


class PostgresServer:
    """The server and database that a DSN names; opens connections that wrote nothing yet."""

    def __init__(self, dsn: str, *, environment: Mapping[str, str]) -> None:
        """`environment` is that of the process, where the library's unsafe switch would be."""
        given = conninfo_to_dict(dsn)
        where = ":".join(str(given[each]) for each in ("host", "port") if given.get(each))
        self.place = Path(f"{given.get('dbname', 'the log')} at {where or 'the local server'}")
        self._environment = environment
        options = " ".join(f"-c {name}={value}" for name, value in _SERVER_GIVES_UP.items())
        given["options"] = f"{options} {given.get('options') or ''}"
        self._parameters: dict[str, Any] = {**_LINK, **given, "client_encoding": "UTF8"}

    def connect(self, *, seconds: float = DEADLINE) -> TimedConnection:
        """A connection on which every statement is its own transaction, checked for durability."""
        deadline = monotonic() + seconds
        with ServerFaultsNamed(self.place):
            connection = self._connected()
            try:
                connection.deadline = deadline
                self._check(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    def _connected(self) -> TimedConnection:
        try:
            return TimedConnection.connect(**self._parameters, autocommit=True, prepare_threshold=0)
        except (
            OSError
        ) as error:  # the driver opens one more file to wait with, and names no fault of that
            raise StoreUnavailable(self.place, str(error), _NO_FILE) from error

    def _check(self, connection: TimedConnection) -> None:
        """A log that may lose what it accepted, or skip what it delivers, is not opened."""
        if self._environment.get("POSTGRES_ENABLE_DB_FUNCTIONS"):
            trouble = "POSTGRES_ENABLE_DB_FUNCTIONS is set, which makes readers miss events"
            raise self._refused(trouble, "remove it from the environment")
        if connection.info.server_version < _OLDEST_SERVER:
            trouble = f"the server's version is {connection.info.server_version // 10_000}"
            raise self._refused(trouble, "use PostgreSQL 15 or newer")
        shown = connection.execute(_SETTINGS).fetchone() or ()
        for (setting, remedy), value in zip(_DURABLE.items(), shown, strict=True):
            if value == "off":
                trouble = f"{setting} is off, so what was accepted can be lost"
                raise self._refused(trouble, remedy)

    def _refused(self, trouble: str, remedy: str) -> StoreUnavailable:
        return StoreUnavailable(self.place, trouble, remedy)
