"""How a SQLite file of ours is created, upgraded and opened, and what is said when it cannot be."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path

from eventsourcing.persistence import OperationalError, PersistenceError

Steps = Sequence[Sequence[str]]
"""The statements of each schema version, oldest first; a released step is never edited."""

BUSY_TIMEOUT = 5.0
"""Seconds a writer waits for the writers of other processes before it gives up."""

_RUN_MIGRATE = "run `spowatch migrate`, then start again"

_REMEDIES = {
    sqlite3.SQLITE_FULL: "free space on this disk, then try again",
    sqlite3.SQLITE_READONLY: "give this user write access to the file and to its directory",
    sqlite3.SQLITE_CANTOPEN: f"check the path and its permissions; if it is new, {_RUN_MIGRATE}",
    sqlite3.SQLITE_PERM: "give this user access to the file and to its directory",
    sqlite3.SQLITE_BUSY: "find the process that holds the write lock and end it, then try again",
    sqlite3.SQLITE_LOCKED: "try again",
    sqlite3.SQLITE_IOERR: "look for disk errors in the system log; keep the file as it is",
    sqlite3.SQLITE_CORRUPT: "stop every role, keep the file, restore the last backup",
    sqlite3.SQLITE_NOTADB: "check the path; if it is right, restore the last backup",
}
_PRIMARY_CODE = 0xFF


class StoreUnavailable(OperationalError):
    """The store cannot do this now; no reader sees any part of a refused change."""

    def __init__(self, path: Path, trouble: str, remedy: str) -> None:
        super().__init__(f"{path}: {trouble}; {remedy}")
        self.path = path
        self.remedy = remedy


class StoreTooNew(PersistenceError):
    """The file was upgraded by a newer release, which may have changed what its rows mean."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path} has schema version {found} and this release knows {known}; "
            "install the release that upgraded it"
        )


@contextmanager
def faults_named(path: Path) -> Iterator[None]:
    """Turn what the disk or another process refuses into `StoreUnavailable`; bugs rise as is."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        remedy = None if code is None else _REMEDIES.get(code & _PRIMARY_CODE)
        if remedy is None:
            raise
        raise StoreUnavailable(path, str(error), remedy) from error
    except OSError as error:
        trouble = error.strerror or type(error).__name__
        raise StoreUnavailable(path, trouble, "check the path and its permissions") from error


def connect(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """A connection to a file that exists, durable at every commit, usable from any thread."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=busy_timeout,
    )
    try:
        connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing, holding the write lock from the first statement on."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def migrate(path: Path, steps: Steps) -> None:
    """Create the file, or bring it to the newest of `steps`; may run twice, and in two processes."""
    with faults_named(path):
        _create_private(path)
        with closing(connect(path)) as connection:
            _refuse_newer(path, _version(connection), steps)
            connection.execute("PRAGMA journal_mode=WAL")
            with transaction(connection):
                for statement in chain.from_iterable(steps[_version(connection) :]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={len(steps)}")


def check_schema(path: Path, connection: sqlite3.Connection, steps: Steps) -> None:
    """Raise unless the file is at exactly the version of `steps`."""
    found = _version(connection)
    _refuse_newer(path, found, steps)
    if found < len(steps):
        raise StoreUnavailable(path, f"schema version {found} is not {len(steps)}", _RUN_MIGRATE)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_newer(path: Path, found: int, steps: Steps) -> None:
    if found > len(steps):
        raise StoreTooNew(path, found, len(steps))


def _create_private(path: Path) -> None:
    # Never open a store that exists: closing it again would drop SQLite's locks in this process.
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
