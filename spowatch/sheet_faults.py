"""What the disk refuses of a sheet in a file, said with what to do; a damaged sheet is no loss."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spowatch.store.sqlite_connection import FaultsNamed, StoreUnavailable

_DELETE = "delete it, and the -wal and -shm files beside it: it comes back from the log"
_DAMAGED = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE = 0xFF


def sheet_fault(path: Path, fault: Exception) -> Exception:
    """What it is to be logged as: with what to do, where it is the sheet's."""
    if not isinstance(fault, sqlite3.Error):
        return fault
    try:
        with sheet_faults_named(path):
            raise fault
    except (sqlite3.Error, StoreUnavailable) as named:
        return named


@contextmanager
def sheet_faults_named(path: Path) -> Iterator[None]:
    """Raises `StoreUnavailable` in the place of them."""
    try:
        with FaultsNamed(path):
            yield
    except sqlite3.OperationalError as fault:
        raise StoreUnavailable(path, str(fault), _DELETE) from fault
    except StoreUnavailable as fault:
        cause = fault.__cause__
        code = getattr(cause, "sqlite_errorcode", None)
        if fault.path != path or code is None or code & _PRIMARY_CODE not in _DAMAGED:
            raise
        raise StoreUnavailable(path, str(cause), _DELETE) from cause
