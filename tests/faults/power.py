"""Goal R3: a power cut at any moment loses nothing acknowledged; with a disk that only says it synced, it must.

`python -m tests.faults power --cuts 60`: the life of an order on SQLite, and a shift on PostgreSQL whose write-ahead log is synced
by one method and by another; every write, sync and name written down, then cut after change upon change, each time with another
part of what was not synced. What is started on what is left must find all that was acknowledged, nothing half, and go on. The
control forgets syncs, and has to lose: `fsync = off` is a server that the program refuses. Exit 1 otherwise.
What stands for the disk is said in `tests/faults/disk/cuts.py`.
"""

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from os import getloadavg
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

from spowatch.wiring.store import migrate, throw_away
from tests.faults import power_postgres
from tests.faults.disk.cuts import Disk
from tests.faults.disk.cutting import UNUSABLE, Cuts, Written, cut_at_moments
from tests.faults.disk.preloaded import on_disk
from tests.faults.disk.record import changes
from tests.faults.disk.recorded_life import ACKNOWLEDGED
from tests.faults.dying.life import LIFE, Deed
from tests.faults.dying.trial import MEMORY, Trial, found, left_in, verdict
from tests.structure.checkout import ROOT


def cut(
    folder: Path, cuts: int, seed: int, deeds: Sequence[Deed] = LIFE, *, strict: bool = False
) -> Cuts:
    """On SQLite, from its making on."""
    store, log = folder / "store", folder / "log"
    store.mkdir()
    honest, lying = Disk(store, strict=strict), Disk(store, honest=False, strict=strict)
    command = [sys.executable, "-m", "tests.faults.disk.recorded_life", str(store), str(len(deeds))]
    subprocess.run(command, cwd=ROOT, env=on_disk(store, log), check=True)
    lives = list(_lives(folder / "lives", deeds))
    after = partial(_after, store, lives, folder / "left")
    written = Written(honest, lying, list(changes(log)), store / ACKNOWLEDGED)
    return cut_at_moments(written, after, cuts=cuts, seed=seed)


def _lives(work: Path, deeds: Sequence[Deed]) -> Iterator[Trial]:
    """What each deed comes to where nobody cuts anything."""
    migrate(throw_away(work))
    for deed in deeds:
        alive = found(deed, work)
        yield Trial(deed, work, alive.left, alive.told, alive.after)


def _after(store: Path, lives: Sequence[Trial], left: Path, disk: Disk, rng: Random | None) -> str:
    told = len(disk.written(store / ACKNOWLEDGED)) - 1
    life = lives[min(max(told, 0), len(lives) - 1)]
    shutil.rmtree(left, ignore_errors=True)
    disk.left_at(left, rng)
    try:
        if told < 0:
            migrate(throw_away(left))
        if not life.before.begins(left_in(left)):
            return "lost"
        later = found(life.deed, left)
    except _UNUSABLE as fault:
        return f"unusable: {type(fault).__name__}\n{life.deed.name}: {fault}"
    return verdict(life, later, acknowledged=told == len(lives))


_UNUSABLE = (*UNUSABLE, sqlite3.Error)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults power", description=__doc__)
    parser.add_argument("--store", choices=_STORES, action="append", help="both, unless told")
    parser.add_argument("--cuts", type=int, default=60, help="of each store")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strict", action="store_true", help="a new name needs its directory")
    asked = parser.parse_args(arguments)
    good = True
    for store in asked.store or _STORES:
        for how, cutting in _STORES[store].items():
            begun = monotonic()
            with TemporaryDirectory(
                prefix="power-", dir=MEMORY if MEMORY.exists() else None
            ) as folder:
                done = cutting(
                    Path(folder), asked.cuts // len(_STORES[store]), asked.seed, strict=asked.strict
                )
            good &= done.good
            timed = {"took_s": round(monotonic() - begun, 1), "load": round(getloadavg()[0], 1)}
            print(json.dumps({"store": how} | asdict(done) | timed), flush=True)
    if not good:
        sys.exit(1)


_STORES: Mapping[str, Mapping[str, Callable[..., Cuts]]] = {
    "sqlite": {"sqlite": cut},
    "postgres": {
        f"postgres, {method}": partial(power_postgres.cut, method=method)
        for method in ("fdatasync", "open_datasync")
    },
}
