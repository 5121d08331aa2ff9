"""The library's deadlines: what a job writes down when its time has come."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.scheduler.losses.doom import meet_doom
from tests.scheduler.losses.ways import Raised


def raise_due(directory: str, deadline: str, due_at: str) -> None:
    """The function of every job; the store keeps its name."""
    meet_doom(Path(directory), lambda: _deleted(Path(directory)))
    line = json.dumps([deadline, due_at, datetime.now(UTC).isoformat()])
    with (Path(directory) / "ledger").open("a") as ledger:
        ledger.write(line + "\n")


def _deleted(directory: Path) -> bool:
    """Whether the library has deleted every job, as it does when it has handed it out."""
    with closing(sqlite3.connect(directory / "jobs.sqlite")) as jobs:
        [left] = jobs.execute("SELECT count(*) FROM apscheduler_jobs").fetchone()
    return bool(left == 0)


def entries(directory: Path) -> Iterator[Raised]:
    ledger = directory / "ledger"
    if not ledger.exists():
        return
    for line in ledger.read_text().splitlines():
        deadline, due_at, at = json.loads(line)
        yield Raised(deadline, datetime.fromisoformat(due_at), datetime.fromisoformat(at))
