"""Starts a role, or says in one line which one could not start, why, and what to do about it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from eventsourcing.persistence import PersistenceError

from consumers.channels.console import ConsoleDamaged
from spowatch.open_store import Store
from spowatch.running.faults import RoleCannotStart
from spowatch.running.register import Work, role
from spowatch.settings.faults import SettingsError
from spowatch.settings.http import WebCannotListen

_SHEET_REMEDY = (
    "delete it, and the -wal and -shm files beside it, then start again: a sheet comes back from "
    "the log"
)
_CONSOLE_REMEDY = "move it aside, then start again: messages may then be said a second time"
_PATH_REMEDY = "check the path, its permissions and the space on its disk, then start again"
_PORT_REMEDY = "set SPO_HTTP__PORT to a free one, or end the process that has it, then start again"
_DAMAGED = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE = 0xFF


@contextmanager
def started(name: str, store: Store, show: Callable[[dict[str, Any]], None]) -> Iterator[Work]:
    """The role's unit of work. Raises `RoleCannotStart` before there is any."""
    with ExitStack() as stack:
        try:
            work = stack.enter_context(role(name, store, show))
        except ConsoleDamaged as fault:
            raise RoleCannotStart(name, f"{fault}; {_CONSOLE_REMEDY}") from fault
        except sqlite3.Error as fault:
            trouble = _of_the_sheet(store.settings.sheets_path, fault)
            raise RoleCannotStart(name, trouble) from fault
        except (PersistenceError, SettingsError) as fault:
            raise RoleCannotStart(name, str(fault)) from fault
        except WebCannotListen as fault:
            raise RoleCannotStart(name, f"{fault}; {_PORT_REMEDY}") from fault
        except OSError as fault:
            raise RoleCannotStart(name, f"{fault}; {_PATH_REMEDY}") from fault
        yield work


def _of_the_sheet(path: Path, fault: sqlite3.Error) -> str:
    """What the log and the keys raise is named where they are opened; this is a sheet's."""
    code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE
    remedy = _SHEET_REMEDY if code in _DAMAGED else _PATH_REMEDY
    return f"{path}: {fault}; {remedy}"
