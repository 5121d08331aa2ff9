"""Training: a month of an invented caseload in seconds, by a clock of its own.

It has its own store, which is marked: every command on it says that it is training, and no role
acts on it. Nothing leaves it but lines on this screen.
"""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.calendar import LONDON
from domain.findings import NotificationMissed
from spowatch.caseload import live
from spowatch.caseload.story import known_at
from spowatch.demo.demonstration import thrown_away, told_until
from spowatch.demo.screen import DemoScreen
from spowatch.facts_file import Line
from spowatch.importing import import_line
from spowatch.open_store import Store
from spowatch.simulation import Happening, SimulatedClock, Simulation, simulated
from spowatch.wiring.store import throw_away

_PACE = timedelta(hours=3)
"""Between two things that happen, on average: a few hundred orders in a month."""

_LONGEST_WAIT = 0.2
"""Seconds of real time; a quiet night is not sat through."""


class Training:
    """Plays `days` from `start` at `speed` times the pace of life, quiet stretches cut short."""

    def __init__(self, directory: Path, *, orders: int, seed: int, speed: float) -> None:
        self._orders = orders
        self._seed = seed
        self._speed = speed
        self._directory = directory
        self._screen = DemoScreen(directory, every_word=False, time="TRAINING  %a %d %b %H:%M:%S")

    def play(self, stop: threading.Event, start: datetime, days: int) -> None:
        clock = SimulatedClock(start)
        with thrown_away(throw_away(self._directory, with_policy=True)) as store:
            store.settings.training_mark.touch()
            history = told_until(start, store.register, orders=self._orders, seed=self._seed)
            self._screen.told(history)
            with simulated(store, clock, self._screen.alert) as simulation:
                self._month(store, simulation, start + timedelta(days=days), stop)
            self._account(store, start, clock())

    def _month(
        self, store: Store, simulation: Simulation, end: datetime, stop: threading.Event
    ) -> None:
        def goes_on(quiet: timedelta) -> bool:
            return not stop.wait(min(quiet.total_seconds() / self._speed, _LONGEST_WAIT))

        simulation.settle()
        self._screen.summarise()
        start = simulation.clock()
        simulation.play(self._happenings(store, start), end, goes_on)

    def _happenings(self, store: Store, start: datetime) -> Iterator[Happening]:
        facts = live(orders=self._orders, seed=self._seed, start=start, pace=_PACE)
        for fact in facts:
            yield known_at(fact), _Told(self._screen, store, fact)

    def _account(self, store: Store, start: datetime, end: datetime) -> None:
        """What the clock did, told from the log."""
        missed = list(misses_since(store, start))
        local = [due.astimezone(LONDON) for due, _ in missed]
        at_midnight = sum((each.hour, each.minute, each.second) == (0, 0, 0) for each in local)
        early = sum(raised < due for due, raised in missed)
        latest = max((raised - due for due, raised in missed), default=timedelta(0))
        self._screen.console.print(
            f"TRAINING ended at {end.astimezone(LONDON):%a %d %b %Y %H:%M}: {len(missed)} "
            f"notifications missed in {(end - start).days} days, {at_midnight} of them at local "
            f"midnight, {early} raised early, the latest {latest.total_seconds():g} s after."
        )


class _Told:
    """A fact, told when its time comes."""

    def __init__(self, screen: DemoScreen, store: Store, fact: dict[str, Any]) -> None:
        self._screen = screen
        self._store = store
        self._fact = fact

    def __call__(self) -> None:
        line = Line(0, case=self._fact)
        self._screen.refused(import_line(line, self._store.register, now=known_at(self._fact)))


def misses_since(store: Store, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When each notification was due, and when its miss was put on record."""
    found = store.log.select_notifications(1, 1_000_000, topics=[NotificationMissed.TOPIC])
    for recorded in map(store.mapper.to_domain_event, found):
        due = recorded.envelope.occurred_at
        if due > start:
            yield due, recorded.envelope.entered_at
