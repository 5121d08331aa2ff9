"""S2: how late a deadline is acted on when little happens, beside a loop that polls every second.

Orders are entered by one process with deadlines of theirs a moment away, raised by another, and
watched by a third.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Event as Signal
from statistics import quantiles
from threading import Event
from time import time
from typing import Any
from uuid import UUID

from domain.dossier import order_id
from domain.findings import ConcernRaised
from domain.vocabulary import Statement
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.garbage import collect_garbage_rarely
from spowatch.open_store import Store
from spowatch.settings.root import Settings
from spowatch.wiring.store import opened, sweep
from tests.bench.log_bench import Figure, seconds
from tests.bench.observer import Sighting, observing
from tests.bench.registers import new_store, state, statement
from tests.forking import SPAWN
from tests.program import Program

DEADLINES = 800
_A_SECOND = 40
_SOONEST, _LATEST = 0.020, 1.5
_CHASED_AFTER = timedelta(hours=24)
"""An order that nobody served is chased a day after it was made: the deadline used here."""

Sweeping = Callable[[Settings], AbstractContextManager[None]]


def figures(deadlines: int = DEADLINES) -> Iterator[Figure]:
    ours, polled = run(clockwork, deadlines), run(poller, deadlines)
    for percent, goal in ((50, ""), (99, "p99 <= 10 ms, <= 1/100"), (100, "")):
        yield _against("committed", percent, (ours.committed, polled.committed), goal)
    yield _against("decided", 99, (ours.decided, polled.decided), "")
    waits = (ours.entered, ours.committed)
    for percent in (50, 99, 100):
        value, base = (_quantile(each, percent) for each in waits)
        name = f"S2 fact -> on record meanwhile p{percent}"
        yield Figure(name, "ms; due -> committed", value, base, value / base, "", ours.entered)
    early, theirs = _early(ours), _early(polled)
    yield Figure(f"S2 early, of {deadlines}", "count; poller", early, theirs, 0, "0", [])


def _against(name: str, percent: int, waits: tuple[Sequence[float], ...], goal: str) -> Figure:
    """Of `waits`, ours come first and the poller's after them."""
    value, base = (_quantile(each, percent) for each in waits)
    unit = f"ms, 1/{base / value:.0f} of a 1 s poller"
    named = f"S2 due -> {name} p{percent}"
    return Figure(named, unit, value, base, value / base, goal, waits[0])


@dataclass(frozen=True, slots=True)
class Lateness:
    """Milliseconds from the instant due: to the finding seen committed, and to its decision.

    Beside them, what it took another process to put each order on record: a machine that stands
    still stands still for both.
    """

    committed: Sequence[float]
    decided: Sequence[float]
    entered: Sequence[float]


def run(sweeping: Sweeping, deadlines: int) -> Lateness:
    with (
        new_store() as store,
        sweeping(store.settings),
        observing(store.settings.log_path, ConcernRaised.TOPIC, deadlines) as observer,
    ):
        entered = list(_enter(store, deadlines))
        seen = observer.sightings()
    due = {order: at for order, at, _ in entered}
    if {each.stream for each in seen} != set(due):
        msg = f"{len(due)} deadlines, {len(seen)} found"
        raise AssertionError(msg)
    committed = [_ms(each, due, each.at) for each in seen]
    decided = [_ms(each, due, each.moment("entered_at")) for each in seen]
    return Lateness(committed, decided, [took for _, _, took in entered])


def _ms(seen: Sighting, due: dict[UUID, float], at: float) -> float:
    return (at - due[seen.stream]) * 1e3


def _enter(store: Store, deadlines: int) -> Iterator[tuple[UUID, float, float]]:
    """Each order, when it falls due (or was on record, if later), and what entering it took."""
    pause = Event()
    for number in range(deadlines):
        reference = f"LATENESS/{number}"
        wait = random.uniform(_SOONEST, _LATEST)
        due = datetime.now(UTC) + timedelta(seconds=wait)
        took = seconds(partial(state, store.register, reference, _unserved(due)))
        yield order_id(reference), max(due.timestamp(), time()), took * 1e3
        pause.wait(random.expovariate(_A_SECOND))


def _unserved(due: datetime) -> list[Statement]:
    made = due - _CHASED_AFTER
    named: dict[str, Any] = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    granted: dict[str, Any] = {"until": "further_order", "defendant_present": False}
    return [
        statement("ApplicationMade", made - timedelta(days=1), **named),
        statement("FullOrderGranted", made, **granted),
    ]


@contextmanager
def clockwork(settings: Settings) -> Iterator[None]:
    """The program's own sweep."""
    with Program("run", "sweep", "--data-dir", str(settings.data_dir)) as program:
        program.said.until(lambda line: line.startswith("READY sweep"))
        yield
        program.stop()


@contextmanager
def poller(settings: Settings) -> Iterator[None]:
    """The same sweep, looking once a second."""
    stop, ready = SPAWN.Event(), SPAWN.Event()
    process = SPAWN.Process(target=_poll, args=(settings, ready, stop))
    process.start()
    ready.wait()
    yield
    stop.set()
    process.join()


def _poll(settings: Settings, ready: Signal, stop: Signal) -> None:
    collect_garbage_rarely()
    with (
        opened(settings) as store,
        closing(SqliteDeadlineSheet(settings.sheets_path)) as sheet,
    ):
        polling = sweep(store, sheet)
        ready.set()
        while not stop.wait(1.0):
            while polling.read(0):
                pass
            polling.raise_due()


def _quantile(waits: Sequence[float], percent: int) -> float:
    return max(waits) if percent == 100 else quantiles(waits, n=100)[percent - 1]


def _early(lateness: Lateness) -> int:
    return sum(each < 0 for each in lateness.decided)
