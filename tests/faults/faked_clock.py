"""A clock for programs under test that is stepped while they run: libfaketime, preloaded."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import pairwise
from math import inf
from pathlib import Path
from time import time

from tests.program import environment

_LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"
_TRIAL = "import datetime; print(datetime.datetime.now().year)"
_ELSEWHEN = datetime(2031, 7, 1, tzinfo=UTC)


class NoFakedClock(Exception):
    """No program's clock can be stepped here; says why."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """From the real instant `begins` on, the clock shows so many seconds more than the real one."""

    begins: float
    offset: float


class SteeredClock:
    """What the programs started by `command` take for the time; all see the same, from one file.

    Only their wall clock is faked: they wait, as on a real machine, on the monotonic one. Instants
    are aware, `float`s are real ones as of `time()`.
    """

    def __init__(self, folder: Path, shows: datetime) -> None:
        """Raises `NoFakedClock`."""
        self._library = preloadable()
        self._file = folder / "clock"
        self._settings: list[_Setting] = []
        self.set(shows)

    def set(self, shows: datetime) -> None:
        begins = time()
        offset = shows.timestamp() - begins
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{offset:+.6f}\n", encoding="ascii")
        fresh.replace(self._file)
        self._settings.append(_Setting(begins, offset))

    def step(self, by: timedelta) -> None:
        self.set(self.now() + by)

    def now(self) -> datetime:
        return _instant(time() + self._settings[-1].offset)

    def latest(self, since: float, until: float) -> datetime:
        """The latest that it showed in that time."""
        shown = [
            min(until, ends) + each.offset
            for each, ends in self._spells()
            if each.begins <= until and ends >= since
        ]
        return _instant(max(shown))

    def reached(self, instant: datetime, since: float) -> float | None:
        """When, after `since`, it first showed `instant` or later; None as long as it did not."""
        for each, ends in self._spells():
            at = max(since, each.begins, instant.timestamp() - each.offset)
            if at < ends and at <= time():
                return at
        return None

    def command(self, program: Sequence[str]) -> tuple[str, ...]:
        """The program with this for its clock."""
        faked = _faked(self._library, self._file)
        return ("env", *(f"{name}={value}" for name, value in faked.items()), *program)

    def _spells(self) -> list[tuple[_Setting, float]]:
        settings = list(self._settings)
        ended = [(each, following.begins) for each, following in pairwise(settings)]
        return [*ended, (settings[-1], inf)]


def preloadable() -> Path:
    """The library, tried out. Raises `NoFakedClock` where it is missing or has no effect."""
    found = find_spec("libfaketime")
    if found is None or found.origin is None:
        msg = "libfaketime is not installed (`make setup`), so no clock was stepped"
        raise NoFakedClock(msg)
    library = Path(found.origin).parent / _LIBRARY
    shown = _faked(library, None) | {"FAKETIME": f"@{_ELSEWHEN:%Y-%m-%d %H:%M:%S}"}
    tried = subprocess.run(
        [sys.executable, "-c", _TRIAL], capture_output=True, check=False, env=environment(shown)
    )
    if tried.stdout.strip() != str(_ELSEWHEN.year).encode():
        msg = f"{library} has no effect here, so no clock was stepped"
        raise NoFakedClock(msg)
    return library


def _faked(library: Path, file: Path | None) -> dict[str, str]:
    faked = {
        "LD_PRELOAD": str(library),
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
        # Or waits that time out on the monotonic clock, as those for the interpreter lock do, end at once.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }
    return faked if file is None else faked | {"FAKETIME_TIMESTAMP_FILE": str(file)}


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
