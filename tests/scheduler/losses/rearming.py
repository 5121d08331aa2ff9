"""The library's other way: one job that sweeps all that is due and arms itself for what is next."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from tests.scheduler.losses.ledger import entries, raise_due
from tests.scheduler.losses.library import JobStore, LibraryStore
from tests.scheduler.losses.ways import A_WHILE, Trouble

_OVER = 0.7
"""Seconds: the scheduler has seen by then, on a busy machine too, that the next is due."""

_RUNNING: dict[str, Any] = {}
"""The scheduler of each store; a job is a stored name and its arguments, and cannot hold one."""


class LibraryRearming(LibraryStore):
    """The deadlines are in a list, as ours are in a sheet; one job in the store wakes the sweep."""

    def arm(self, *instants: datetime) -> Sequence[str]:
        names = self._named(len(instants))
        armed = [[name, due.isoformat()] for name, due in zip(names, instants, strict=True)]
        (self.directory / "armed").write_text(json.dumps(armed))
        return names

    @contextmanager
    def watching(self, trouble: Trouble | None = None) -> Iterator[None]:
        store = JobStore(self.directory, trouble)
        scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
        _RUNNING[str(self.directory)] = scheduler
        scheduler.start()
        try:
            _rearm(str(self.directory))
            yield
        finally:
            scheduler.shutdown(wait=False)
            del _RUNNING[str(self.directory)]


def sweep(directory: str) -> None:
    """Arm oneself first, so that a fault below costs nothing, then be still at work when the next is due."""
    due = [
        each for each in _pending(directory) if datetime.fromisoformat(each[1]) <= datetime.now(UTC)
    ]
    _rearm(directory, *due)
    for deadline, due_at in due:
        raise_due(directory, deadline, due_at)
    to_come = [datetime.fromisoformat(each[1]) for each in _pending(directory)]
    until_next = min(to_come, default=datetime.now(UTC)) - datetime.now(UTC)
    sleep(max(A_WHILE, until_next.total_seconds() + _OVER))


@contextmanager
def library_rearming(directory: Path) -> Iterator[LibraryStore]:
    yield LibraryRearming(directory)


def _pending(directory: str) -> list[tuple[str, str]]:
    raised = {each.deadline for each in entries(Path(directory))}
    armed = json.loads((Path(directory) / "armed").read_text())
    return [(name, due) for name, due in armed if name not in raised]


def _rearm(directory: str, *in_hand: tuple[str, str]) -> None:
    instants = [each[1] for each in _pending(directory) if each not in in_hand]
    if instants:
        _RUNNING[directory].add_job(
            sweep,
            "date",
            run_date=datetime.fromisoformat(min(instants)),
            args=[directory],
            id="sweep",
            replace_existing=True,
            misfire_grace_time=None,
            max_instances=1,
        )
