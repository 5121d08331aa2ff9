"""How a SQLite file of ours is created, upgraded and opened, and what is said when it cannot be."""

import os
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from tempfile import mkstemp
from time import monotonic

from eventsourcing.persistence import OperationalError, PersistenceError

from spowatch.store.lock_holder import writer_of

Steps = Sequence[Sequence[str]]
"""The statements of each schema version, oldest first; a released step is never edited."""

BUSY_TIMEOUT = 5.0
"""Seconds a writer waits for the writers of other processes before it gives up."""

_ASKED_AGAIN, _AT_LEAST_EVERY = 0.0005, 0.005
_MOMENTS = 20
"""The last in a line still has this part of the patience for itself."""
"""Seconds between two askings for the write lock: at first, and where somebody keeps it for long."""

_PAUSE = threading.Event()
_CHECK_PATH = "check the path and its permissions"
_RUN_MIGRATE = "run `spowatch migrate`, then start again"

_REMEDIES = {
    sqlite3.SQLITE_FULL: "free space on this disk, then try again",
    sqlite3.SQLITE_READONLY: "give this user write access to the file and to its directory",
    sqlite3.SQLITE_CANTOPEN: f"{_CHECK_PATH}; if it is new, {_RUN_MIGRATE}",
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


class FaultsNamed:
    """Turns what the disk or another process refuses into `StoreUnavailable`; bugs rise as is."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, sqlite3.Error):
            code = getattr(error, "sqlite_errorcode", None)
            remedy = None if code is None else _remedy(self._path, code & _PRIMARY_CODE)
            if remedy is not None:
                raise StoreUnavailable(self._path, str(error), remedy) from error
        elif isinstance(error, OSError):
            trouble = error.strerror or type(error).__name__
            raise StoreUnavailable(self._path, trouble, _CHECK_PATH) from error


def _remedy(path: Path, code: int) -> str | None:
    holder = writer_of(path) if code == sqlite3.SQLITE_BUSY else None
    if holder is None:
        return _REMEDIES.get(code)
    if holder.frozen:
        return (
            f"the process {holder.pid} is frozen and holds the write lock: `kill -CONT {holder.pid}` "
            f"or `kill -9 {holder.pid}`, either is safe; then try again"
        )
    return f"the process {holder.pid} holds the write lock: look what it does, then try again"


class Transaction:
    """All or nothing, holding the write lock from the first statement on."""

    __slots__ = ("_connection", "_moment", "_until")

    def __init__(self, connection: sqlite3.Connection, patience: float = 0.0) -> None:
        """`patience` is for how many seconds from now to ask again; 0 leaves the waiting to SQLite.

        Threads that stand in line for one connection wait in that line together, not each anew at its head; there
        each has a moment at least, so that a lock held for an instant refuses nobody.

        SQLite looks again after 1, 2, 5, 10 ms and so on to 100: where several write all the time, the
        lock lies idle meanwhile or goes to whoever comes by.
        """
        self._connection = connection
        self._until = monotonic() + patience
        self._moment = patience / _MOMENTS

    def __enter__(self) -> sqlite3.Connection:
        pause = _ASKED_AGAIN
        self._until = max(self._until, monotonic() + self._moment)
        while not self._begun(last=monotonic() >= self._until):
            _PAUSE.wait(pause)
            pause = min(2 * pause, _AT_LEAST_EVERY)
        return self._connection

    def _begun(self, *, last: bool) -> bool:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as refusal:
            if last or refusal.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            if error is None:
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


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


def migrate(path: Path, steps: Steps) -> None:
    """Create the file, or bring it to the newest of `steps`; may run twice, and in two processes."""
    with FaultsNamed(path):
        if not path.exists():
            _create(path)
        with closing(connect(path)) as connection:
            _refuse_newer(path, _version(connection), steps)
            connection.execute("PRAGMA journal_mode=WAL")
            with Transaction(connection):
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


def _create(path: Path) -> None:
    """An empty file in WAL mode for its owner only, or the one another process made meanwhile.

    Made aside and put in place whole: SQLite does not let two processes change the mode at once. A `-wal`
    without its file is of one that is gone, or that a power cut undid while it was made; it would be played
    into ours, and is kept beside it.
    """
    left = Path(f"{path}-wal")
    if left.exists() and not path.exists():
        left.replace(f"{left}.left-{os.getpid()}")
    descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    aside = Path(name)
    try:
        with closing(connect(aside)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        with suppress(FileExistsError):
            path.hardlink_to(aside)
    finally:
        aside.unlink()
