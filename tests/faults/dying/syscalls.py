"""Goal R2: death and refusal at every call by which a commit writes, syncs or cuts a file.

`python -m tests.faults syscalls`: the life of an order on SQLite, deed by deed. At each call the process dies before it, or
with half of it done; or the call answers EIO, ENOSPC, or ENOSPC from then on. After a refusal the disk is well again and the
same process does the deed again; after all of them a new process looks at the store and does it again. A seventh of all,
over five hundred, unless told. Exit 1 when something acknowledged was lost, was half on record, came twice, or was not said
plainly.
"""

import argparse
import ctypes
import json
import mmap
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from os import getloadavg
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory
from time import monotonic

from eventsourcing.persistence import OperationalError

from spowatch.open_store import Store
from spowatch.settings.faults import SettingsError
from spowatch.wiring.store import opened, throw_away
from tests.faults.disk.preloaded import on_disk
from tests.faults.dying.forked import done_apart, killed_apart
from tests.faults.dying.life import LIFE, Deed
from tests.faults.dying.trial import MEMORY, Trial, copied, found, trials, verdict, warm
from tests.structure.checkout import ROOT

PLAINLY = (OperationalError, OSError, SettingsError, sqlite3.Error)
"""What a role says in one line: `StoreUnavailable`, a console file, a key of the seal that cannot be written, and a
sheet (`spowatch.running.starting`)."""


class How(IntEnum):
    """As in disk.c."""

    WELL = 0
    KILL = 1
    TORN = 2
    EIO = 3
    ENOSPC = 4
    FULL = 5


BLOWS = (How.KILL, How.TORN, How.EIO, How.ENOSPC, How.FULL)


@dataclass(slots=True)
class Reckoning:
    deeds: int = 0
    calls: int = 0
    blows: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """What the deed was refused with, where it was: a checkpoint may fail and the deed be done."""
    survived: int = 0
    """Refusals of a call after which the deed was done all the same."""
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.wrong and set(self.blows) == {how.name for how in BLOWS}


class Ledger:
    """What a process that may die was told, where those that come after it can read it."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)

    def begin(self) -> None:
        self._page[:2] = b"\0\0"

    def acknowledge(self) -> None:
        self._page[0] = 1

    @property
    def acknowledged(self) -> bool:
        return self._page[0] == 1


def fail(at: int, how: How) -> int:
    """The `at`-th call from now on; how many there were since the last time this was said."""
    counted: int = ctypes.CDLL(None).disk_fail(ctypes.c_long(at), ctypes.c_int(how))
    return counted


def counted(deed: Deed, folder: Path) -> int:
    """The calls of the deed and of closing the store."""
    with opened(throw_away(folder)) as store:
        fail(0, How.WELL)
        deed.do(store)
    return fail(0, How.WELL)


def struck(deed: Deed, folder: Path, at: int, how: How, ledger: Ledger) -> tuple[str, str]:
    """By what the deed was refused, and what was wrong when it was done again; empty for neither."""
    with opened(throw_away(folder)) as store:
        fail(at, how)
        refused = _attempt(deed, store, ledger)
        again = ""
        if refused:
            fail(0, How.WELL)
            again = _attempt(deed, store, ledger)
    fail(0, How.WELL)
    return refused, again


def _attempt(deed: Deed, store: Store, ledger: Ledger) -> str:
    try:
        deed.do(store)
    except PLAINLY as refusal:
        return type(refusal).__name__
    ledger.acknowledge()
    return ""


def tried(
    folder: Path, trial: Trial, reckoning: Reckoning, blows: Sequence[tuple[int, How]]
) -> None:
    work, ledger = folder / "work", Ledger()
    for at, how in blows:
        where = f"{trial.deed.name}, call {at}, {how.name}"
        copied(trial.before_it, work)
        ledger.begin()
        reckoning.blows[how.name] += 1
        died, told = killed_apart(
            lambda at=at, how=how: struck(trial.deed, work, at, how, ledger)  # type: ignore[misc]  # bound now, and not at the call
        )
        refused, again = told or ("", "")
        if died != (how in {How.KILL, How.TORN}):
            _wrong(reckoning, "did not die" if not died else "died", where)
        if refused:
            reckoning.refused[refused] += 1
        elif not died:
            reckoning.survived += 1
        if again:
            _wrong(reckoning, "refused again on a disk that was well", where)
        later = done_apart(lambda: found(trial.deed, work))
        wrong = verdict(trial, later, acknowledged=ledger.acknowledged)
        if wrong:
            _wrong(reckoning, wrong, where)


def _wrong(reckoning: Reckoning, what: str, where: str) -> None:
    reckoning.wrong[what] += 1
    reckoning.examples.append(f"{where}: {what}")


def all_struck(folder: Path, deeds: Sequence[Deed], *, one_in: int, part: int) -> Reckoning:
    """Here, where `disk.c` is loaded."""
    warm(folder / "warm", deeds)
    reckoning = Reckoning()
    for trial in trials(folder, deeds):
        work = folder / "work"
        copied(trial.before_it, work)
        calls = done_apart(lambda trial=trial, work=work: counted(trial.deed, work))  # type: ignore[misc]  # bound now, and not at the call
        blows = [(at, how) for at in range(1, calls + 1) for how in BLOWS]
        reckoning.deeds += 1
        reckoning.calls += calls
        tried(folder, trial, reckoning, blows[part::one_in])
    return reckoning


def main(arguments: Sequence[str]) -> None:
    with TemporaryDirectory(prefix="calls-", dir=MEMORY if MEMORY.exists() else None) as folder:
        command = [sys.executable, "-m", "tests.faults.dying.syscalls", folder, *arguments]
        env = on_disk(Path(folder))
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=PIPE, text=True, check=False)
    print(done.stdout, end="")
    if done.returncode:
        sys.exit(1)


def here(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults syscalls", description=__doc__)
    parser.add_argument("folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part", default="1/7", help="the first of seven; 1/1 is all")
    parser.add_argument("--deeds", type=int, default=len(LIFE), help="how many, from the first")
    asked = parser.parse_args(arguments)
    part, parts = (int(each) for each in asked.part.split("/"))
    begun = monotonic()
    done = all_struck(asked.folder, LIFE[: asked.deeds], one_in=parts, part=part - 1)
    timed = {"took_s": round(monotonic() - begun, 1), "load": round(getloadavg()[0], 1)}
    told = {name: getattr(done, name) for name in ("deeds", "calls", "survived")}
    counts = {name: dict(getattr(done, name)) for name in ("blows", "refused", "wrong")}
    print(json.dumps(told | counts | {"examples": done.examples[:10]} | timed))
    if not done.good:
        sys.exit(1)


if __name__ == "__main__":
    here(sys.argv[1:])
