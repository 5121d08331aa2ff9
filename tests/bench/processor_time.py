"""What processes have taken of the processor so far, in seconds; by the kernel's own count."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_A_SECOND = os.sysconf("SC_CLK_TCK")


def taken_by(pid: int) -> float:
    """Nothing by a process that has ended."""
    with suppress(OSError):
        return sum(map(int, _after_the_name(pid)[11:13])) / _A_SECOND
    return 0.0


def taken_by_browsers() -> float:
    """Of every process of a browser that this one has started."""
    return sum(taken_by(pid) for pid in _family(os.getpid()) if "chrom" in _name(pid))


def _family(pid: int) -> Iterator[int]:
    parents: dict[int, int] = {}
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(each.name)] = int(_after_the_name(int(each.name))[1])
    found = {pid}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
        yield from more


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
    return ""


def _after_the_name(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` from the third: a name may hold anything."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return stat.rpartition(")")[2].split()
