"""What the hypervisor gave to other machines of the processor time that this one asked for, by the kernel's count.

Where that is a third, a time by the clock says nothing about the program.
"""

from pathlib import Path

_STAT = Path("/proc/stat")
_USER, _NICE, _SYSTEM, _INTERRUPTS, _SOFT_INTERRUPTS, _STOLEN = 0, 1, 2, 5, 6, 7


class Stolen:
    """Counted from when this was made."""

    def __init__(self, stat: Path = _STAT) -> None:
        self._stat = stat
        self._before = _ticks(stat)

    def percent(self) -> float:
        """0 where nothing was asked for, and where there is no such kernel."""
        since = [now - then for then, now in zip(self._before, _ticks(self._stat), strict=True)]
        if not since:
            return 0.0
        given = sum(since[each] for each in (_USER, _NICE, _SYSTEM, _INTERRUPTS, _SOFT_INTERRUPTS))
        return 100 * since[_STOLEN] / max(given + since[_STOLEN], 1)


def _ticks(stat: Path) -> list[int]:
    """Of all processors together."""
    if not stat.exists():
        return []
    return [int(each) for each in stat.read_text(encoding="ascii").splitlines()[0].split()[1:]]
