"""S5: ten thousand orders fall due at one London midnight, a hundred on people of high risk.

The program itself runs on a real store, its clock moved so that the midnight comes while we watch.
Beside it, how long APScheduler takes to hand out as many jobs that do nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import time

from domain.alerts import AlertRaised
from spowatch.open_store import Store
from tests.bench.breach_in_burst import BREACHES, BROKEN, Reporter, Waits
from tests.bench.due_orders import HIGH_RISK, enter_orders, fill_sheet
from tests.bench.log_bench import Figure
from tests.bench.observer import Sighting, observing
from tests.bench.registers import new_store
from tests.bench.summer_time import ONE_DAY, midnight
from tests.bench.timer_library import handed_out
from tests.faults.faked_clock import preloadable
from tests.program import SPOWATCH, Program

ORDERS, HIGH_RISKS = 10_000, 100
_JOBS = 100_000
_LOOK = 0.002
_SETTLED = 8.0
"""Seconds before midnight at which the roles are started; they are ready long before it."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Milliseconds after midnight at which each alert was there to read, in the log's order."""

    waits: Sequence[float]
    high: Sequence[float]
    overtaken: int
    """Alerts on people of high risk that came after one on somebody else."""
    breaches: Waits


def figures(orders: int = ORDERS, high: int = HIGH_RISKS) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="jobs-") as folder:
        library = [each * 1e3 for each in handed_out(Path(folder) / "jobs.db", _JOBS, orders)]
    for sweeps in (2, 1):
        burst = played(orders, high, sweeps)
        told = f"S5 {orders:,}, {sweeps} sweep{'s' * (sweeps > 1)}"
        for name, value, base, goal in (
            ("first alert", burst.waits[0], library[0], "<= 100"),
            (f"last of {high} high risk", max(burst.high), library[high - 1], ""),
            ("last alert", max(burst.waits), max(library), "<= 2,000"),
        ):
            unit = "ms; job of APScheduler"
            yield Figure(f"{told}, {name}", unit, value, base, value / base, goal, burst.waits)
        yield Figure(f"{told}, high risk overtaken", "alerts", burst.overtaken, 0, 0, "0", [])
        yield from _of_breaches(told, burst.breaches)


def _of_breaches(told: str, waits: Waits) -> Iterator[Figure]:
    for what, which in (("median", median), ("worst", max)):
        value, base = which(waits.alert), which(waits.in_turn)
        unit = "ms; the finding before it"
        name = f"{told}, breach in it, {what}"
        yield Figure(name, unit, value, base, value / base, "", waits.alert)


def played(orders: int, high: int, sweeps: int) -> Burst:
    due = midnight(datetime.now(UTC).date() + 2 * ONE_DAY)
    with new_store() as store:
        enter_orders(store, due, orders - high, high)
        reporter = Reporter(store)
        fill_sheet(store, datetime.now(UTC)).close()
        log, alerts = store.settings.log_path, orders + BREACHES
        with observing(log, AlertRaised.TOPIC, alerts, _LOOK) as observer, ExitStack() as stack:
            strikes = time() + _SETTLED
            clock = due.timestamp() - strikes
            roles = [
                stack.enter_context(_role(name, store, clock))
                for name in ("alert", *["sweep"] * sweeps)
            ]
            for each in roles:
                each.said.until(lambda line: line.startswith("READY"))
            if time() > strikes - 1:
                msg = "the roles were not ready before midnight"
                raise AssertionError(msg)
            reporter.begin_after(strikes)
            seen = observer.sightings()
            for each in roles:
                each.stop()
        waits = reporter.waits(seen)
    return _burst(seen, orders, strikes, waits)


def _role(name: str, store: Store, ahead: float) -> Program:
    """The program, its clock so many seconds ahead of ours."""
    faked = {
        "LD_PRELOAD": str(preloadable()),
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "FAKETIME": f"{ahead:+.6f}",
    }
    program = ("env", *(f"{key}={value}" for key, value in faked.items()), *SPOWATCH)
    return Program("run", name, "--data-dir", str(store.settings.data_dir), program=program)


def _burst(every: Sequence[Sighting], orders: int, strikes: float, breaches: Waits) -> Burst:
    seen = [each for each in every if not each.told["event"]["reference"].startswith(BROKEN)]
    if len({each.stream for each in seen}) != orders:
        msg = f"{orders} orders, {len(seen)} alerts"
        raise AssertionError(msg)
    waits = [(each.at - strikes) * 1e3 for each in seen]
    urgent = [each.told["event"]["reference"].startswith(HIGH_RISK) for each in seen]
    high = [wait for wait, first in zip(waits, urgent, strict=True) if first]
    return Burst(waits, high, sum(urgent[urgent.index(False) :]), breaches)
