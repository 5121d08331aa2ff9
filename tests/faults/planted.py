"""Bugs planted in a copy of the program, to see that the oracle would notice them."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.faults.processes import Site
from tests.program import SPOWATCH

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("domain", "projections", "consumers", "scheduler", "web", "spowatch")
_COPY = (sys.executable, "-m", "spowatch")


@dataclass(frozen=True, slots=True)
class Plant:
    """Edits of one module, each from what stands there once to what would be wrong."""

    module: str
    edits: tuple[tuple[str, str], ...]


PLANTS = {
    # The bookmark is read one too far at every start.
    "skip": Plant(
        "consumers/log_feed.py",
        (
            (
                "self._position = recorder.max_tracking_id(name) or 0",
                "self._position = (recorder.max_tracking_id(name) or -1) + 1",
            ),
        ),
    ),
    # The console forgets at every start what it has said.
    "double": Plant(
        "consumers/channels/console.py",
        (("self._said = _repair(path)", "self._said = _repair(path) and set()"),),
    ),
    # The answer goes out before the fact is saved.
    "ack-first": Plant(
        "spowatch/cli/facts.py",
        (
            ("FileImport(store, now, dry_run=dry_run)", "FileImport(store, now, dry_run=True)"),
            (
                "            advance()\n",
                "            FileImport(store, now, dry_run=False).tell(line)\n",
            ),
        ),
    ),
}


class PlantGone(LookupError):
    """The line a bug is planted in has changed; plant it anew."""


def site_of(folder: Path, plant: str | None) -> Site:
    """The installed program, or a copy of this checkout with the bug `plant` in it."""
    if plant is None:
        return Site(folder, SPOWATCH)
    copy = folder / "copy"
    for package in _PACKAGES:
        shutil.copytree(_ROOT / package, copy / package)
    _plant(copy, PLANTS[plant])
    return Site(folder, _COPY, cwd=copy)


def _plant(copy: Path, plant: Plant) -> None:
    path = copy / plant.module
    text = path.read_text(encoding="utf-8")
    for old, new in plant.edits:
        if text.count(old) != 1:
            raise PlantGone(plant.module)
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
