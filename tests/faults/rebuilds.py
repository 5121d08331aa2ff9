"""Goal R9: a sheet made anew is the same to the byte, whatever made it, and the same as the living one.

`python -m tests.faults rebuilds`: one caseload in a file and in PostgreSQL, its sheets kept up as it grows; then every sheet
made anew on both, with three hash seeds and two page sizes, by this Python and by that of each `--python`. One is made with
`python3.13 -m venv DIR`, `DIR/bin/pip install --require-hashes -r requirements.lock`, and, after `make wheel`,
`DIR/bin/pip install --no-deps dist/*.whl`; then `--python DIR/bin/python`. Exit 1 when a hash differs.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from deploy.postgres.server import running
from spowatch.demo.demonstration import told_until
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.sheets import digests
from spowatch.wiring.store import migrate, opened
from tests.faults.rebuilt_apart import settings_of
from tests.store.postgres.places import made
from tests.stories import NOW
from tests.structure.checkout import ROOT

SEEDS = (0, 1, 2026)
PAGES = (7, 5_000)
_KEPT_UP_EVERY = 5
"""Orders between two turns of the sheets: they grow by small steps, as in a running system."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    events: int
    sheets: int
    rebuilds: int
    """Each is all sheets, in one store, by one Python, with one hash seed and one page size."""
    pythons: list[str]
    differ: list[str]
    """Which of them gave another hash than the living sheet on SQLite."""

    @property
    def good(self) -> bool:
        return self.rebuilds > 0 and self.sheets > 1 and self.events > 0 and not self.differ


def compared(
    folder: Path, orders: int, pythons: Sequence[str], seeds: Sequence[int] = SEEDS
) -> Rebuilt:
    with stores(folder) as dsns:
        living, events = {}, 0
        for name, dsn in dsns.items():
            with opened(settings_of(folder / name, dsn)) as store:
                events = lived(store, orders)
                living[name] = digests(store)
        truth = living["sqlite"]
        differ = [f"living on {name}" for name, each in living.items() if each != truth]
        versions = [_version(python) for python in pythons]
        runs = list(product(dsns.items(), zip(pythons, versions, strict=True), seeds, PAGES))
        for (name, dsn), (python, version), seed, page in runs:
            found = _apart(python, folder / name, dsn, seed=seed, page=page)
            if found != truth:
                where = sorted(sheet for sheet in truth if found.get(sheet) != truth[sheet])
                differ.append(f"{', '.join(where)} on {name}, {version}, seed {seed}, page {page}")
    return Rebuilt(events, len(truth), len(runs), versions, differ)


@contextmanager
def stores(folder: Path) -> Iterator[dict[str, str]]:
    """A new store of each kind: the address of its database by its name, none for a file."""
    with running() as server:
        dsns = {"sqlite": "", "postgres": made(server).writer}
        for name in dsns:
            (folder / name).mkdir()
            migrate(settings_of(folder / name))
        yield dsns


def lived(store: Store, orders: int) -> int:
    """A caseload told, its alerts raised, its sheets kept up all the while; how many events."""
    with (
        role("project", store, lambda _: None, lambda: NOW) as project,
        role("alert", store, lambda _: None, lambda: NOW) as alert,
        role("sweep", store, lambda _: None, lambda: NOW) as sweep,
    ):
        told = told_until(NOW - timedelta(minutes=1), store.register, orders=orders, seed=1)
        for number, _ in enumerate(told):
            if number % _KEPT_UP_EVERY == 0:
                project(0)
        head = -1
        while head != (head := store.log.max_notification_id() or 0):
            while any([sweep(0), alert(0), project(0)]):
                pass
    return head


def _apart(python: str, folder: Path, dsn: str, *, seed: int, page: int) -> dict[str, str]:
    command = [python, "-m", "tests.faults.rebuilt_apart", str(folder), str(page)]
    done = subprocess.run(
        [*command, dsn] if dsn else command,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _version(python: str) -> str:
    told = subprocess.run([python, "--version"], capture_output=True, text=True, check=True)
    return told.stdout.strip()


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults rebuilds", description=__doc__)
    parser.add_argument("--orders", type=int, default=40)
    parser.add_argument("--python", action="append", default=[], help="of an environment made so")
    asked = parser.parse_args(arguments)
    begun = monotonic()
    with TemporaryDirectory(prefix="rebuilds-") as folder:
        found = compared(Path(folder), asked.orders, [sys.executable, *asked.python])
    print(json.dumps(asdict(found) | {"took_s": round(monotonic() - begun, 1)}))
    if not found.good:
        sys.exit(1)
