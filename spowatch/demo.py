"""The demonstration: a national caseload played into a throw-away store, alerts as they arrive."""

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.table import Table

from domain.calendar import LONDON
from spowatch.caseload import caseload, live
from spowatch.facts_file import Line, read_lines
from spowatch.importing import Outcome, import_line, spoken
from spowatch.roles import Running, alone
from spowatch.wiring import ROLES, Store, migrate, now, opened, throw_away

_STYLE = {"arrest": "bold red", "review": "yellow", "protection": "cyan", "task": "dim"}
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
        self._console = Console(highlight=False, soft_wrap=True)
        self._backlog: Counter[str] | None = Counter() if facts is None else None
        self._latest: str | None = None

    def play(self, stop: threading.Event, seconds: float | None) -> None:
        settings = throw_away(self._directory)
        with self._alone():
            self._clear()
            migrate(settings)
            with opened(settings) as store:
                started = now()
                self._load(store, started)
                running = Running(store, self._alert, stop)
                running.start(ROLES, lambda _: None)
                try:
                    self._settle(store, stop)
                    self._summarise()
                    self._go_on(store, started, stop, seconds)
                finally:
                    running.stop()

    def _alone(self) -> Any:
        self._directory.mkdir(parents=True, exist_ok=True)
        return alone(self._directory, ["demo"])

    def _clear(self) -> None:
        """A store made anew each time, in a directory that is ours alone."""
        for path in self._directory.iterdir():
            if path.name != ".demo.lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _load(self, store: Store, started: datetime) -> None:
        if self._facts is not None:
            with self._facts.open("rb") as file:
                self._tell(
                    import_line(line, store.register, now=now()) for line in read_lines(file)
                )
            return
        cases = caseload(orders=self._orders, seed=self._seed, until=started)
        lines = (Line(number, case=case) for number, case in enumerate(cases, start=1))
        self._tell(import_line(line, store.register, now=started) for line in lines)

    def _tell(self, outcomes: Iterator[Outcome]) -> None:
        begun, facts, refused = monotonic(), 0, 0
        for outcome in outcomes:
            facts += len(outcome.answers)
            refused += len(outcome.refused)
            said = map(spoken, outcome.report() if self._facts is not None else ())
            for line in filter(None, said):
                self._console.print(line, style="dim", markup=False)
        took = monotonic() - begun
        self._console.print(
            f"{facts} facts from courts and officers in {took:.1f} s; {refused} refused, each "
            "with its section of the Act."
        )

    def _settle(self, store: Store, stop: threading.Event) -> None:
        """Wait until the desk and the console have read what was loaded."""
        deadline = monotonic() + _SETTLE_SECONDS
        while monotonic() < deadline and not stop.wait(0.1):
            head = store.log.max_notification_id() or 0
            if (store.log.max_tracking_id("console") or 0) >= head:
                return

    def _summarise(self) -> None:
        backlog, self._backlog = self._backlog, None
        if backlog is not None:
            self._console.print(_counted(backlog))
        self._console.print(
            "In another terminal: .venv/bin/spowatch alerts list --data-dir "
            f"{self._directory}\nNow live; Ctrl-C ends it.\n"
        )

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
                for each in outcome.refused:
                    refused = f"   refused: {each.order} {each.answer.refused_as}"
                    self._console.print(refused, style="dim")

    def _next_facts(self, started: datetime) -> Iterator[dict[str, Any]]:
        """The caseload's next facts, their times moved to the moment each is played."""
        if self._facts is not None:
            return
        for fact in live(orders=self._orders, seed=self._seed, start=started):
            yield moved_to(fact, now())

    def _alert(self, message: dict[str, Any]) -> None:
        if self._backlog is not None:
            if message["what"] == "raised":
                self._backlog[message["code"]] += 1
            return
        if message["what"] == "parked":
            self._console.print(f"{message['code']}: {message['instruction']}", style="bold red")
            return
        local = datetime.fromisoformat(message["raised_at"]).astimezone(LONDON)
        what = "" if message["what"] == "raised" else f" WITHDRAWN ({message['reason']})"
        self._console.print(
            f"{local:%H:%M:%S}  P{message['priority']}  {message['code']}{what}  "
            f"{message['order']}  {message['condition'] or ''}  {message['alert'][:8]}",
            style=_STYLE.get(message["class"], ""),
        )
        if message["class"] == "arrest" and self._latest is None:
            self._latest = message["alert"][:8]
            self._console.print(
                f"          open it: .venv/bin/spowatch alerts show {self._latest} "
                f"--data-dir {self._directory}",
                style="dim",
            )


def _counted(backlog: Counter[str]) -> Table:
    table = Table("alerts on record", "count", title=None, box=None)
    for code, count in backlog.most_common():
        table.add_row(code, str(count))
    return table


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
