"""Goal A5: a finding that the desk passed without an alert is found by the second road, and how soon.

`python -m tests.faults gaps --orders 10000 --gaps 50`: on the log of a national caseload the desk's bookmark is moved past
a breach nobody raised, again and again, while the reconciler runs. Exit 1 when one took more than two seconds, or an alert
was raised twice.
"""

import argparse
import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from os import getloadavg
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from eventsourcing.persistence import Tracking

from consumers.reconciler import DESK
from domain.alerts import AlertRaised
from spowatch.demo.demonstration import told_until
from spowatch.open_store import Store
from spowatch.running.running import Running
from spowatch.wiring.store import migrate, now, opened, throw_away
from tests.bench.registers import NOW, breach, life, state
from tests.stories import work_until_idle

IN_TIME = 2.0
_PATIENCE = 30.0
_READ_IT_ALL = 900.0
"""Seconds for its first reading of the log, which may have a million events."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gaps:
    events: int
    gaps: int
    found: int
    median_s: float
    worst_s: float
    load: float

    @property
    def good(self) -> bool:
        return self.found == self.gaps and self.worst_s <= IN_TIME


def seeded(folder: Path, orders: int, gaps: int) -> Gaps:
    settings = throw_away(folder)
    migrate(settings)
    with opened(settings) as store:
        for _ in told_until(now() - timedelta(minutes=1), store.register, orders=orders, seed=1):
            pass
        for number in range(gaps):
            state(store.register, f"GAP/{number}", life(NOW - _DAY)[:-2])
        work_until_idle(store, "alert")
        with reconciling(store):
            before = len(_raised(store))
            took = [_gap(store, f"GAP/{number}") for number in range(gaps)]
        found = len(_raised(store)) - before
        events = store.log.max_notification_id() or 0
    return Gaps(
        events, gaps, found, round(median(took), 3), round(max(took), 3), round(getloadavg()[0], 1)
    )


@contextmanager
def reconciling(store: Store) -> Iterator[None]:
    running = Running(store, lambda _: None, threading.Event())
    ready = threading.Event()
    running.start(["reconcile"], lambda _: ready.set())
    try:
        ready.wait(_PATIENCE)
        head = store.log.max_notification_id() or 0
        _until(lambda: (store.log.max_tracking_id("reconciler") or 0) >= head, _READ_IT_ALL)
        yield
    finally:
        running.stop()


def _gap(store: Store, order: str) -> float:
    """Seconds from the commit of the breach until its alert is on the log."""
    before = len(_raised(store))
    state(store.register, order, [breach(now(), order)])
    begun = monotonic()
    head = store.log.max_notification_id() or 0
    store.log.insert_tracking(Tracking(DESK, head))
    _until(lambda: len(_raised(store, after=head)) > 0)
    took = monotonic() - begun
    if len(_raised(store)) != before + 1:
        msg = f"{order} was raised {len(_raised(store)) - before} times"
        raise AssertionError(msg)
    return took


def _raised(store: Store, *, after: int = 0) -> Sequence[object]:
    return store.log.select_notifications(
        after, 10_000_000, topics=[AlertRaised.TOPIC], inclusive_of_start=False
    )


def _until(holds: Callable[[], bool], patience: float = _PATIENCE) -> None:
    deadline = monotonic() + patience
    while not holds():
        if monotonic() > deadline:
            msg = "the reconciler found nothing"
            raise TimeoutError(msg)
        sleep(0.005)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults gaps", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--gaps", type=int, default=50)
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="gaps-") as folder:
        found = seeded(Path(folder), asked.orders, asked.gaps)
    print(json.dumps(asdict(found)))
    if not found.good:
        sys.exit(1)
