"""Goal R3: a power cut at any moment loses nothing acknowledged; with a disk that only says it synced, it must.

`python -m tests.faults power --cuts 60`: the life of an order on SQLite, every write, sync and name of it written down; then
cut after change upon change, each time with another part of what was not synced. A program started on what is left must
find all that was acknowledged, nothing half, and go on. The control forgets syncs, and has to lose. Exit 1 otherwise.
What stands for the disk, and what it does not try, is said in `tests/faults/disk/cuts.py`.
"""

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

from eventsourcing.persistence import PersistenceError

from consumers.channels.console import ConsoleDamaged
from domain.refusals import Refused
from spowatch.store.master_key import MasterKeyRefused
from spowatch.wiring import migrate, throw_away
from tests.faults.disk.cuts import Disk
from tests.faults.disk.preloaded import on_disk
from tests.faults.disk.record import changes
from tests.faults.disk.recorded_life import ACKNOWLEDGED
from tests.faults.dying.life import LIFE, Deed
from tests.faults.dying.trial import MEMORY, Trial, copied, found, left_in, verdict
from tests.structure.checkout import ROOT

UNUSABLE = (
    PersistenceError,
    ConsoleDamaged,
    MasterKeyRefused,
    Refused,
    sqlite3.Error,
    LookupError,
    ValueError,
)
"""What comes of a store that a cut has spoilt: an index without its rows, half a file."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """`control`: the same on a disk that does not sync; there something must be wrong."""

    changes: int
    cuts: int
    wrong: dict[str, int]
    control: dict[str, int]
    examples: list[str]

    @property
    def good(self) -> bool:
        return self.cuts > 0 and not self.wrong and bool(self.control)


@dataclass(frozen=True, slots=True)
class Recording:
    """A store before a life was told to it, what was done to its disk meanwhile, and what it came to."""

    folder: Path
    before: Path
    log: Path
    lives: Sequence[Trial]


def recorded(folder: Path, deeds: Sequence[Deed] = LIFE) -> tuple[Recording, Disk, Disk]:
    """With a disk that keeps its word and one that does not, both as they were before."""
    store, before, log = folder / "store", folder / "before", folder / "log"
    migrate(throw_away(store))
    copied(store, before)
    disks = Disk(store), Disk(store, honest=False)
    command = [sys.executable, "-m", "tests.faults.disk.recorded_life", str(store), str(len(deeds))]
    subprocess.run(command, cwd=ROOT, env=on_disk(store, log), check=True)
    return Recording(store, before, log, list(_lives(folder / "lives", before, deeds))), *disks


def _lives(work: Path, before: Path, deeds: Sequence[Deed]) -> Iterator[Trial]:
    """What each deed comes to where nobody cuts anything."""
    copied(before, work)
    for deed in deeds:
        alive = found(deed, work)
        yield Trial(deed, work, alive.left, alive.told, alive.after)


def cut(folder: Path, cuts: int, seed: int, deeds: Sequence[Deed] = LIFE) -> Cuts:
    recording, honest, lying = recorded(folder, deeds)
    done = list(changes(recording.log))
    rng = Random(seed)
    moments = sorted(rng.sample(range(1, len(done) + 1), min(cuts, len(done))))
    wrong, control, examples = Counter[str](), Counter[str](), []
    for number, change in enumerate(done, start=1):
        honest.change(change)
        lying.change(change)
        if number in moments:
            chance = rng if rng.random() < _BY_CHANCE else None
            found_wrong = _after(recording, honest, folder / "left", chance)
            if found_wrong:
                wrong[found_wrong] += 1
                examples.append(f"after change {number}: {found_wrong}")
            control[_after(recording, lying, folder / "left", rng)] += 1
    del control[""]
    return Cuts(len(done), len(moments), dict(wrong), dict(control), examples[:10])


_BY_CHANCE = 0.75
"""Of the cuts; the others leave nothing of what was not synced."""


def _after(recording: Recording, disk: Disk, left: Path, rng: Random | None) -> str:
    """What is wrong on the disk that a cut now leaves; empty for nothing."""
    told = len(disk.written(recording.folder / ACKNOWLEDGED))
    life = recording.lives[min(told, len(recording.lives) - 1)]
    shutil.rmtree(left, ignore_errors=True)
    disk.left_at(left, rng)
    try:
        if not life.before.begins(left_in(left)):
            return "lost"
        later = found(life.deed, left)
    except UNUSABLE as fault:
        return f"unusable: {type(fault).__name__}"
    return verdict(life, later, acknowledged=told == len(recording.lives))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults power", description=__doc__)
    parser.add_argument("--cuts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    begun = monotonic()
    with TemporaryDirectory(prefix="power-", dir=MEMORY if MEMORY.exists() else None) as folder:
        done = cut(Path(folder), asked.cuts, asked.seed)
    print(json.dumps(asdict(done) | {"took_s": round(monotonic() - begun, 1)}))
    if not done.good:
        sys.exit(1)
