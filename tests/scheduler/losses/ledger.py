"""The library's deadlines: what a job writes down when its time has come."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.scheduler.losses.doom import meet_doom
from tests.scheduler.losses.ways import Raised


def raise_due(directory: str, deadline: str, due_at: str) -> None:
    """The function of every job; the store keeps its name."""
    meet_doom(Path(directory))
    line = json.dumps([deadline, due_at, datetime.now(UTC).isoformat()])
    with (Path(directory) / "ledger").open("a") as ledger:
        ledger.write(line + "\n")


def entries(directory: Path) -> Iterator[Raised]:
    ledger = directory / "ledger"
    if not ledger.exists():
        return
    for line in ledger.read_text().splitlines():
        deadline, due_at, at = json.loads(line)
        yield Raised(deadline, datetime.fromisoformat(due_at), datetime.fromisoformat(at))
