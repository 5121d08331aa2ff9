"""A6: how late the next person is told of an alert nobody takes, by the running program; and after a kill.

Two stores, each with its own process of roles. One runs on; the other is killed before the first step falls
due, and started again when all of them are overdue. Beside them a bare thread that sleeps until each instant.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import sleep

from tests.acceptance.case_files import breach, line, new_store, order_in_force, written
from tests.bench.log_bench import Figure
from tests.faults.log_rows import FileRows
from tests.program import Program, run

ALERTS = 300
_FIRST_STEP = 60
"""Seconds: the standard policy of priority 1."""
_RAISED, _FIRED = "spo.alert-raised.v1", "spo.alert-escalation-step-fired.v1"
_ROLES = ("alert", "sweep")
_PATIENCE = 120


def figures(alerts: int = ALERTS) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="escalation-") as folder:
        on, killed = (Site(Path(folder) / name, alerts) for name in ("on", "killed"))
        with on.running(), killed.running() as doomed:
            on.tell()
            killed.tell()
            doomed.kill()
            slept = _slept_until(on.due())
            on.wait_for(_FIRED, alerts)
        _sleep_until(max(killed.due()) + timedelta(seconds=2))
        with killed.running():
            ready = datetime.now(UTC)
            killed.wait_for(_FIRED, alerts)
        yield from _told(on.steps(), slept, alerts)
        yield from _after_the_kill(killed.steps(), ready, alerts)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one alert: when it was due, and when it was put on record."""

    alert: str
    number: int
    due: datetime
    told: datetime

    @property
    def late(self) -> float:
        return (self.told - self.due).total_seconds()


class Site:
    """A store, its alerts, and the process of the roles on it."""

    def __init__(self, folder: Path, alerts: int) -> None:
        self._store = new_store(folder)
        self._alerts = alerts
        self._rows = FileRows(self._store / "log.db")

    def running(self) -> Program:
        program = Program("run", *_ROLES, "--data-dir", str(self._store))
        for _ in _ROLES:
            program.said.until(lambda said: said.startswith("READY "))
        return program

    def tell(self) -> None:
        """So many breaches with a weapon, each of an order of its own; until every alert is raised."""
        armed = breach("rang at night")
        armed["data"]["markers"] = ["weapon"]
        cases = (line(f"A6/{n}", *order_in_force(), armed) for n in range(self._alerts))
        file = written(self._store.parent / f"{self._store.name}.jsonl", cases)
        brought = run("import", str(file), "--data-dir", str(self._store))
        assert brought.returncode == 0, brought.stderr
        self.wait_for(_RAISED, self._alerts)

    def wait_for(self, topic: str, count: int) -> None:
        for _ in range(_PATIENCE * 10):
            if self._rows.count([topic]) >= count:
                return
            sleep(0.1)
        msg = f"{self._rows.count([topic])} of {count} {topic}"
        raise AssertionError(msg)

    def due(self) -> list[datetime]:
        """When the first step of each alert is due."""
        raised = (json.loads(state)["event"] for *_, state in self._rows.of([_RAISED]))
        wait = timedelta(seconds=_FIRST_STEP)
        return [datetime.fromisoformat(each["raised_at"]) + wait for each in raised]

    def steps(self) -> list[Step]:
        return [
            Step(str(stream), told["event"]["step"], _at(told["event"]["due_at"]), _at(meta))
            for _, stream, _, state in self._rows.of([_FIRED])
            for told in [json.loads(state)]
            for meta in [told["meta"]["entered_at"]]
        ]


def _told(steps: Sequence[Step], slept: Sequence[float], alerts: int) -> Iterator[Figure]:
    late, name = sorted(each.late for each in steps), f"A6 step told, {alerts} due together"
    for percent, goal in ((50, ""), (99, "<= 1,000")):
        value, base = (1000 * _percentile(each, percent) for each in (late, slept))
        unit = "ms late; a bare thread"
        yield Figure(f"{name}, p{percent}", unit, value, base, value / base, goal, late)
    yield from _counts("A6", steps)


def _after_the_kill(steps: Sequence[Step], ready: datetime, alerts: int) -> Iterator[Figure]:
    since = sorted(1000 * (each.told - ready).total_seconds() for each in steps)
    name = f"A6 after downtime, last of {alerts} overdue"
    yield Figure(name, "ms after ready", since[-1], 0, 0, "<= 5,000", since)
    yield from _counts("A6 after downtime", steps)


def _counts(name: str, steps: Sequence[Step]) -> Iterator[Figure]:
    times = Counter((each.alert, each.number) for each in steps)
    twice = sum(count > 1 for count in times.values())
    yield Figure(f"{name}, early", "count", sum(each.late < 0 for each in steps), 0, 0, "0", [])
    yield Figure(f"{name}, twice", "count", twice, 0, 0, "0", [])


def _slept_until(instants: Sequence[datetime]) -> list[float]:
    """How late a thread that does nothing else wakes at each of them."""
    woken: list[float] = []

    def wait() -> None:
        for instant in sorted(instants):
            _sleep_until(instant)
            woken.append((datetime.now(UTC) - instant).total_seconds())

    bare = threading.Thread(target=wait)
    bare.start()
    bare.join()
    return sorted(woken)


def _sleep_until(instant: datetime) -> None:
    while (left := (instant - datetime.now(UTC)).total_seconds()) > 0:
        sleep(left)


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
