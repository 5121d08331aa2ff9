"""Work done in a process of its own, forked from this warm one, and ended at a line of our code."""

import os
import pickle
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from signal import SIGKILL
from types import FrameType
from typing import Any, NoReturn, TypeVar

from tests.structure.checkout import PACKAGES, ROOT

Line = tuple[str, int, int]
"""A file of ours, the line where a function begins in it, and the line in that."""
Trace = Callable[[FrameType, str, Any], Any]

_T = TypeVar("_T")
_OURS = tuple(str(ROOT / package) + os.sep for package in PACKAGES)
_DIED = 137
_FAILED = 70


class Failed(AssertionError):
    """The forked process ended with an error of its own; what it was stands above on standard error."""


def done_apart(work: Callable[[], _T]) -> _T:
    """What the work comes to; this process itself opens nothing and learns nothing."""
    status, result = _forked(work)
    if status:
        raise Failed
    return result  # type: ignore[no-any-return]  # it went through a pipe


def killed_apart(work: Callable[[], _T]) -> tuple[bool, _T | None]:
    """Whether the process was killed, and what the work came to where it was not."""
    status, result = _forked(work)
    if status not in {0, -SIGKILL}:
        raise Failed
    return status != 0, result


def lines_of(work: Callable[[], object]) -> list[Line]:
    """Every line of ours that the work runs, in order, as often as it runs it."""

    def watched() -> list[Line]:
        ran: list[Line] = []
        sys.settrace(_in(lambda frame: frame.f_code.co_filename.startswith(_OURS), ran.append))
        try:
            work()
        finally:
            sys.settrace(None)
        return ran

    return done_apart(watched)


def died_at(work: Callable[[], object], line: Line, time: int) -> bool:
    """Whether the process died, as asked, before it ran that line for the `time`-th time.

    Otherwise the work was done to its end.
    """
    file, function, _ = line
    passed = 0

    def there(frame: FrameType) -> bool:
        code = frame.f_code
        return code.co_firstlineno == function and code.co_filename == file

    def die(at: Line) -> None:
        nonlocal passed
        passed += at == line
        if passed == time:
            os._exit(_DIED)

    def doomed() -> None:
        sys.settrace(_in(there, die))
        work()
        sys.settrace(None)

    status, _ = _forked(doomed)
    if status not in {0, _DIED}:
        raise Failed
    return status == _DIED


def first_and_last(ran: Sequence[Line]) -> list[tuple[Line, int]]:
    """Each line the first time it is run and, where that is another, the last."""
    times = Counter(ran)
    return [(line, time) for line in times for time in sorted({1, times[line]})]


def _in(wanted: Callable[[FrameType], bool], tell: Callable[[Line], object]) -> Trace:
    """Tells of each line of the functions that are wanted, before it runs."""

    def inside(frame: FrameType, event: str, _: Any) -> Trace:
        if event == "line":
            code = frame.f_code
            tell((code.co_filename, code.co_firstlineno, frame.f_lineno))
        return inside

    def anywhere(frame: FrameType, _event: str, _: Any) -> Trace | None:
        return inside if wanted(frame) else None

    return anywhere


def _forked(work: Callable[[], object]) -> tuple[int, Any]:
    """The exit status of a fork that did the work, and what it came to where that is 0."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _end_with(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code, pickle.loads(told) if code == 0 else None  # noqa: S301 - from our own fork


def _end_with(work: Callable[[], object], writing: int) -> NoReturn:
    try:
        result = pickle.dumps(work())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(result)
    except BaseException:  # noqa: BLE001 - whatever it was, this fork must not go on as its parent
        traceback.print_exc()
        os._exit(_FAILED)
    os._exit(0)
