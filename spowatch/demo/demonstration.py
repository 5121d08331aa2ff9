"""The demonstration: a national caseload played into a throw-away store, alerts as they arrive."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from domain.register import OrderRegister
from spowatch.caseload import caseload, live
from spowatch.demo.desk import deal_with_the_old
from spowatch.demo.screen import DemoScreen
from spowatch.facts_file import Line, read_lines
from spowatch.importing import Outcome, import_line
from spowatch.open_store import Store
from spowatch.running.register import roles_of
from spowatch.running.running import Running, alone
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import Settings, read_settings
from spowatch.wiring.store import migrate, now, opened, throw_away

_LOCK = ".demo.lock"
"""Also the mark of a directory that a demonstration may empty."""
_SETTLE_SECONDS = 20.0


class Demo:
    """Loads what happened up to now, then plays what happens next, until told to stop."""

    def __init__(
        self, directory: Path, *, orders: int, pace: float, seed: int, facts: Path | None
    ) -> None:
        self._directory = directory
        self._orders = orders
        self._pace = pace
        self._seed = seed
        self._facts = facts
        self._screen = DemoScreen(directory, every_word=facts is not None)

    def play(self, stop: threading.Event, seconds: float | None) -> None:
        pages = {"http": read_settings().http}
        with thrown_away(
            throw_away(self._directory, with_policy=True).model_copy(update=pages)
        ) as store:
            started = now()
            self._load(store, started)
            running = Running(store, self._screen.alert, stop)
            running.start(roles_of(store.settings), lambda _: None)
            try:
                self._settle(store, stop)
                if self._facts is None:
                    deal_with_the_old(store, now())
                self._screen.summarise()
                self._go_on(store, started, stop, seconds)
            finally:
                running.stop()

    def _load(self, store: Store, started: datetime) -> None:
        if self._facts is None:
            history = told_until(started, store.register, orders=self._orders, seed=self._seed)
            self._screen.told(history)
            return
        with self._facts.open("rb") as file:
            lines = read_lines(file)
            self._screen.told(import_line(line, store.register, now=now()) for line in lines)

    def _settle(self, store: Store, stop: threading.Event) -> None:
        """Wait until the desk and the console have read what was loaded."""
        deadline = monotonic() + _SETTLE_SECONDS
        while monotonic() < deadline and not stop.wait(0.1):
            head = store.log.max_notification_id() or 0
            if (store.log.max_tracking_id("console") or 0) >= head:
                return

    def _go_on(
        self, store: Store, started: datetime, stop: threading.Event, seconds: float | None
    ) -> None:
        deadline = None if seconds is None else monotonic() + seconds
        facts = self._next_facts(started)
        while not stop.wait(self._pace):
            if deadline is not None and monotonic() >= deadline:
                return
            fact = next(facts, None)
            if fact is not None:
                outcome = import_line(Line(0, case=fact), store.register, now=now())
                self._screen.refused(outcome)

    def _next_facts(self, started: datetime) -> Iterator[dict[str, Any]]:
        """The caseload's next facts, their times moved to the moment each is played."""
        if self._facts is not None:
            return
        for fact in live(orders=self._orders, seed=self._seed, start=started):
            yield moved_to(fact, now())


@contextmanager
def thrown_away(settings: Settings) -> Iterator[Store]:
    """A store made anew in a directory that is ours alone: everything in it is deleted first.

    Raises `SettingsError` where something is in it that no demonstration before made.
    """
    directory = settings.data_dir
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()) and not (directory / _LOCK).exists():
        msg = f"{directory} holds what no demonstration made, and all of it would be deleted: name an empty directory"
        raise SettingsError(msg)
    with alone(directory, ["demo"]):
        for path in directory.iterdir():
            if path.name != _LOCK:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        migrate(settings)
        with opened(settings) as store:
            yield store


def told_until(
    moment: datetime, register: OrderRegister, *, orders: int, seed: int
) -> Iterator[Outcome]:
    """The caseload's history up to that moment, told as it is read."""
    for number, case in enumerate(caseload(orders=orders, seed=seed, until=moment), start=1):
        yield import_line(Line(number, case=case), register, now=moment)


_TIMES = ("recorded_at", "occurred_at", "served_at")


def moved_to(fact: dict[str, Any], moment: datetime) -> dict[str, Any]:
    """The fact with all its times shifted so that it becomes known at `moment`."""
    data = dict(fact.get("data", {}))
    known = datetime.fromisoformat(data.get("recorded_at", fact["t"]))
    shift = moment - known - timedelta(microseconds=1)
    for name in _TIMES:
        if name in data:
            data[name] = (datetime.fromisoformat(data[name]) + shift).isoformat()
    return {**fact, "t": (datetime.fromisoformat(fact["t"]) + shift).isoformat(), "data": data}
