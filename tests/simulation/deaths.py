"""Death between any two lines of a handler, and a disk that fails in the middle of a write."""

import ast
import sqlite3
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from spowatch.store.sqlite_connection import StoreUnavailable

_ROOT = Path(__file__).resolve().parents[2]
_STORE = _ROOT / "spowatch" / "store"
_OF_THE_LOG = {str(_STORE / name) for name in ("log_sqlite.py", "sqlite_connections.py")}
_OF_HANDLERS = {
    str(path)
    for folder in ("consumers", "scheduler", "projections")
    for path in (_ROOT / folder).rglob("*.py")
} | {str(_ROOT / "domain" / name) for name in ("batches.py", "register.py")}

T = TypeVar("T")


class Died(BaseException):
    """The process is gone; whatever it had not saved is too."""


def dying(lines: int, work: Callable[[], T]) -> T:
    """Do `work`; raises `Died` before its so manyth line of ours, if it has that many."""
    return _ended(lines, work, _OF_HANDLERS | _OF_THE_LOG, Died)


def failing(lines: int, work: Callable[[], T]) -> T:
    """Do `work`; the log's disk fails before its so manyth line, if it gets that far."""
    return _ended(lines, work, _OF_THE_LOG, _disk_error)


def _disk_error() -> StoreUnavailable:
    fault = StoreUnavailable(Path("log.db"), "disk I/O error", "look for disk errors")
    fault.__cause__ = sqlite3.OperationalError("disk I/O error")
    return fault


@cache
def _holding(filename: str) -> frozenset[int]:
    """Lines that hold something open: Python would not let go of it, as the end of a process does."""
    nodes = ast.walk(ast.parse(Path(filename).read_text(encoding="utf-8")))
    headers = ((n.lineno, n.body[0].lineno) for n in nodes if isinstance(n, ast.With))
    return frozenset(line for first, body in headers for line in range(first, body))


def _ended(
    lines: int, work: Callable[[], T], files: set[str], fault: Callable[[], BaseException]
) -> T:
    left = lines

    def line(frame: FrameType, event: str, __: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left <= 0 and frame.f_lineno not in _holding(frame.f_code.co_filename):
                raise fault()
        return line

    def called(frame: FrameType, _: str, __: Any) -> Any:
        return line if left > 0 and frame.f_code.co_filename in files else None

    before = sys.gettrace()
    sys.settrace(called)
    try:
        return work()
    finally:
        sys.settrace(before)
