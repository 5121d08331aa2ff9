"""Bugs planted in a copy of the program that only a clock or a kill at a bad moment brings out."""

import shutil
import sys
from pathlib import Path

from tests.faults.planted import Plant, PlantGone
from tests.faults.processes import Site
from tests.program import SPOWATCH

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("domain", "projections", "consumers", "scheduler", "web", "spowatch")
_FORGOTTEN_FIRST = """\
        self.sheet.rearm({each.order_id: Agenda(each.version, 1, []) for each in due}, now)
        found = halved(due, told, set_aside)
"""
_LEFT_OUT = """\
            if found and not after:
                found.popitem()
            self.sheet.put(found, events"""
_AHEAD = """
_AHEAD = __import__("datetime").timedelta(seconds=0.3)


class Sweep:"""
_COPY = (sys.executable, "-m", "spowatch")

PLANTS = {
    # It sweeps by a clock that runs ahead, so what it writes down of itself looks right.
    "early": [
        Plant(
            "scheduler/sweeps.py",
            (
                ("self._now = now\n", "self._now = lambda: now() + _AHEAD\n"),
                ("\nclass Sweep:", _AHEAD),
            ),
        ),
        Plant(
            "scheduler/clockwork.py",
            (("(due - self._now()).total_seconds()", "(due - self._now()).total_seconds() - 0.3"),),
        ),
    ],
    # It sleeps until the next instant and is woken by nothing else.
    "oversleeps": [
        Plant(
            "scheduler/clockwork.py",
            (
                ("LONGEST_SLEEP = 1.0", "LONGEST_SLEEP = 3600.0"),
                ("_TOO_QUIET = 2.0", "_TOO_QUIET = 3600.0"),
            ),
        )
    ],
    # Rows leave the sheet before the orders are told, so a kill in between loses them.
    "forgets": [
        Plant(
            "scheduler/sweeps.py",
            (("        found = halved(due, told, set_aside)\n", _FORGOTTEN_FIRST),),
        )
    ],
    # Made anew, the sheet comes back without one of its orders.
    "leaves one out": [
        Plant("scheduler/sweeps.py", (("            self.sheet.put(found, events", _LEFT_OUT),)),
    ],
}


def site_with(folder: Path, plant: str | None) -> Site:
    """The installed program, or a copy of this checkout with the bug `plant` in it."""
    if plant is None:
        return Site(folder, SPOWATCH)
    copy = folder / "copy"
    for package in _PACKAGES:
        shutil.copytree(_ROOT / package, copy / package)
    for each in PLANTS[plant]:
        _edit(copy / each.module, each.edits)
    return Site(folder, _COPY, cwd=copy)


def _edit(module: Path, edits: tuple[tuple[str, str], ...]) -> None:
    text = module.read_text(encoding="utf-8")
    for old, new in edits:
        if text.count(old) != 1:
            raise PlantGone(module)
        text = text.replace(old, new)
    module.write_text(text, encoding="utf-8")
