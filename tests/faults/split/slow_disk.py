"""The cell, m12, in which every sync of the database's server takes long: `strace` holds each up."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep

from deploy.postgres.server import Cluster
from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import Cell
from tests.faults.split.field import Field
from tests.faults.split.ground import server_processes

_SYNC = 0.3
_LASTS = 8.0
_CALLS = "fdatasync,fsync"
_TOOK_HOLD = 10.0


def _slow(system: Field, rng: Random) -> None:
    told = system.folder / "syncs"
    before, begun = len(system.acknowledged), monotonic()
    with _held_up(system.ground.postgres, told):
        sleep(_LASTS)
        system.notes["facts_taken_meanwhile"] = len(system.acknowledged) - before
    system.notes["slow_for_s"] = round(monotonic() - begun, 1)
    system.notes["syncs_held_up"] = told.read_text(encoding="utf-8").count("(DELAYED)")


@contextmanager
def _held_up(cluster: Cluster, told: Path) -> Iterator[None]:
    """Each sync of each process of the server, also of those it starts meanwhile."""
    delay = f"inject={_CALLS}:delay_enter={_SYNC * 1e6:.0f}"
    processes = [f"--attach={pid}" for pid in server_processes(cluster)]
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", told, "-e", f"trace={_CALLS}", "-e", delay, *processes]
    )
    try:
        deadline = monotonic() + _TOOK_HOLD
        while not (told.exists() and told.stat().st_size) and monotonic() < deadline:
            sleep(0.05)
        yield
    finally:
        # It lets go of the server and ends.
        tracer.terminate()
        tracer.wait(_TOOK_HOLD)


def _many_syncs_were_slow(system: Field, account: Account) -> bool:
    return int(str(system.notes["syncs_held_up"])) * _SYNC > _LASTS / 2


def slow_disk_cells() -> list[Cell]:
    return [
        Cell(
            "database's disk slow",
            f"{_SYNC * 1000:.0f} ms a sync, {_LASTS:.0f} s",
            _slow,
            _many_syncs_were_slow,
            # Who writes waits for all who came before, at three commits a second.
            allowed=Allowed(late=True),
        )
    ]
