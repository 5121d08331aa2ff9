"""Which process holds the write lock of a SQLite file, as the kernel of Linux tells it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from os import major, minor, stat_result
from pathlib import Path

_LOCKS = Path("/proc/locks")
_WRITER = 120
"""The byte of the -shm file that a writer in WAL mode locks: sqlite.org/walformat.html, section 2.3."""
_LOCK = re.compile(r"^\d+: POSIX +\S+ +WRITE ([1-9]\d*) (\S+) (\d+) (\S+)$", re.MULTILINE)
"""As in `1: POSIX  ADVISORY  WRITE 4711 08:01:131 120 120`; who waits for one has an arrow there."""
_FROZEN = frozenset("Tt")


@dataclass(frozen=True, slots=True)
class Holder:
    """`frozen`: it was stopped (SIGSTOP, a debugger), and lets go of nothing."""

    pid: int
    frozen: bool


def writer_of(path: Path) -> Holder | None:
    """None where nobody holds it, or nothing can be told of it, as of another container's process.

    No file of SQLite's is opened for it: closing one would let go of our own locks.
    """
    try:
        shared = Path(f"{path}-shm").stat()
        locks = _LOCKS.read_text(encoding="ascii")
    except OSError:
        return None
    return next((_holder(pid) for pid in _writers(locks, shared)), None)


def _writers(locks: str, shared: stat_result) -> Iterator[int]:
    place = f"{major(shared.st_dev):02x}:{minor(shared.st_dev):02x}:{shared.st_ino}"
    for pid, where, first, last in _LOCK.findall(locks):
        if where == place and int(first) <= _WRITER and (last == "EOF" or int(last) >= _WRITER):
            yield int(pid)


def _holder(pid: int) -> Holder:
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        told = ""
    return Holder(pid, told.rpartition(")")[2].strip()[:1] in _FROZEN)
