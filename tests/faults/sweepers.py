"""Several sweepers on one store, struck again and again while deadlines fall due in their hands."""

import signal
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from time import monotonic, time
from typing import Any, Self

from tests.faults.falling_due import Due, Moment, Teller, never_notified, never_served
from tests.faults.lookout import Lookout, on_record, raised, read_only, the_machines_clock
from tests.faults.processes import NotReady, Role, Site
from tests.faults.sweepers_outcome import Outcome, Tally
from tests.program import PATIENCE, run

SILENT = 10.0
"""Seconds after which a deadline counts as not raised; a store is never locked for so long here."""
TOGETHER, OVERDUE = 120, 3
"""Orders a cycle: so many fall due at one instant, and so many were missed days before they are told."""
_WAITING = 20
"""Orders whose deadline is days away: the sheet is never empty."""
_ORDER_TAKES = 0.004
"""Seconds, at most, to tell one."""
_ALL_AT_ONCE = 0.1
"""How often a kill takes every sweeper."""
_RESTART = 0.1
"""Seconds until a supervisor starts a killed sweeper again, as systemd's RestartSec does."""
_OPENING = ("kill", "kill", "kill", "freeze", "lock the log", "lock the sheet", "lose the sheet")
_DECK = (*_OPENING, *("freeze",) * 3, *("kill",) * 10)


class Sweeper(Role):
    """`spowatch run sweep`, which can also be frozen."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, "sweep")

    def kill(self) -> None:
        """Returns when it is gone: what it had not written by then it never will."""
        super().kill()
        self._program.process.wait()

    def come_up(self) -> None:
        """Wait until it is ready; one that ended by itself instead is counted and started again."""
        deadline = monotonic() + PATIENCE
        while not self._ready.wait(0.01):
            if self._program.process.poll() is not None:
                self.fell_over += 1
                self.start_again()
            if monotonic() > deadline:
                raise NotReady(self.name)

    def freeze(self) -> None:
        self._program.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._program.process.send_signal(signal.SIGCONT)


class Campaign:
    """Cycle after cycle: orders are told, they fall due together, and just then something strikes."""

    def __init__(
        self, site: Site, rng: Random, sweepers: int, tools: tuple[Teller, Lookout]
    ) -> None:
        self._log, self._sheet = site.store / "log.db", site.store / "sheets.db"
        self._rng = rng
        self._teller, self._lookout = tools
        self._tally = Tally()
        self._expected: set[Moment] = set()
        self._given_up: set[Moment] = set()
        self._names = count(1)
        self._claim = 0.05
        self._nothing = threading.Event()
        self._sweepers = [Sweeper(site) for _ in range(sweepers)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sweepers:
            each.end()

    def run(self, cards: Iterable[str]) -> Outcome:
        self._all_ready()
        self._learn()
        for fault in cards:
            self._tally.struck[fault] += 1
            self._strike(fault)
            self._await(self._expected)
            self._all_ready()
        self._tally.unclean_stops += sum(each.stop() != 0 for each in self._sweepers)
        self._tally.fell_over += sum(each.fell_over for each in self._sweepers)
        return Outcome(self._expected, on_record(self._log), self._lookout.sightings, self._tally)

    def _learn(self) -> None:
        """How long it takes undisturbed, so that kills fall while it is worked upon."""
        today = datetime.now(UTC).date()
        in_days = [today + timedelta(days=2)] * _WAITING
        self._teller.tell([never_notified(f"W/{n}", day) for n, day in enumerate(in_days)])
        for _ in range(2):
            at = self._fall_due_together()
            self._await(self._expected)
            self._claim = max(0.005, self._lookout.sightings[-1].seen - at)

    def _strike(self, fault: str) -> None:
        match fault:
            case "kill":
                self._kill(self._fall_due_together())
            case "freeze":
                self._freeze(self._fall_due_together())
            case "lock the log":
                self._lock(self._fall_due_together(), self._log, fault)
                self._tell_overdue()
            case "lock the sheet":
                self._lock(self._fall_due_together(), self._sheet, fault)
            case _:
                self._lose_the_sheet()

    def _fall_due_together(self, lead: float = 0.1) -> float:
        """Orders on record, their sheet rows made, of which all will be due at the instant returned."""
        at = time() + lead + TOGETHER * _ORDER_TAKES
        instant = datetime.fromtimestamp(at, UTC)
        self._tell([never_served(self._name(), instant) for _ in range(TOGETHER)])
        return at

    def _tell_overdue(self) -> None:
        days = [datetime.now(UTC).date() - timedelta(days=n) for n in range(1, OVERDUE + 1)]
        self._tell([never_notified(self._name(), day) for day in days])

    def _tell(self, orders: Sequence[Due]) -> None:
        self._expected |= {each.moment for each in orders}
        self._teller.tell(orders)

    def _name(self) -> str:
        return f"S/{next(self._names)}"

    def _kill(self, at: float) -> None:
        everyone = self._rng.random() < _ALL_AT_ONCE
        victims = self._sweepers if everyone else [self._rng.choice(self._sweepers)]
        self._until(at + self._rng.uniform(0, _EARLY_ENOUGH * self._claim))
        struck = time()
        for victim in victims:
            victim.kill()
        before = raised(self._log)
        bit = before < len(self._expected)
        self._tally.bit["kill"] += bit
        self._tell_overdue()
        self._until(struck + _RESTART)
        for victim in victims:
            victim.start_again()
        if bit and not everyone and self._lookout.wait_for_more_than(before, SILENT):
            self._tally.takeovers.append(self._lookout.sightings[before].seen - struck)
            self._await(self._expected)
            self._tally.in_full.append(max(self._seen_of_those_due(at)) - struck)

    def _seen_of_those_due(self, at: float) -> list[float]:
        instant = datetime.fromtimestamp(at, UTC)
        return [each.seen for each in self._lookout.sightings if each.moment[2] == instant]

    def _freeze(self, at: float) -> None:
        victim = self._rng.choice(self._sweepers)
        self._until(at + self._rng.uniform(-0.01, self._claim))
        victim.freeze()
        before = raised(self._log)
        bit = before < len(self._expected)
        self._tally.bit["freeze"] += bit
        self._until(time() + self._rng.uniform(1.0, 3.0))
        self._tally.held_up += bit and raised(self._log) == before
        victim.thaw()
        self._tell_overdue()

    def _lock(self, at: float, file: Path, fault: str) -> None:
        self._until(at - 0.05)
        with locked(file):
            self._until(at + self._rng.uniform(1.0, 2.0))
            self._tally.bit[fault] += raised(self._log) < len(self._expected)

    def _lose_the_sheet(self) -> None:
        """It is deleted while nobody runs and deadlines pass, and comes back row for row."""
        self._settle()
        before = _rows(self._sheet)
        at = self._fall_due_together(lead=_ENDING)
        self._end_all()
        for path in self._sheet.parent.glob(f"{self._sheet.name}*"):
            path.unlink()
        self._until(at)
        self._tally.bit["lose the sheet"] += raised(self._log) < len(self._expected)
        for each in self._sweepers:
            each.start_again()
        self._all_ready()
        self._settle()
        self._await(self._expected)
        self._settle()
        self._tally.unlike += _rows(self._sheet) != before

    def _end_all(self) -> None:
        """As told, or without a word."""
        gently = self._rng.random() < _GENTLY
        for each in self._sweepers:
            if gently:
                self._tally.unclean_stops += each.stop() != 0
            else:
                each.kill()

    def _settle(self) -> None:
        """Until the sheet has read all there is."""
        deadline = monotonic() + 4 * PATIENCE
        while not _up_to_date(self._log, self._sheet):
            self._nothing.wait(0.01)
            if monotonic() > deadline:
                raise NotSettled

    def _until(self, real: float) -> None:
        self._nothing.wait(max(0.0, real - time()))

    def _await(self, moments: set[Moment]) -> None:
        if not self._lookout.wait_for(moments - self._given_up, SILENT):
            seen = {each.moment for each in self._lookout.sightings}
            self._tally.silent += sorted(order for order, _, _ in moments - seen - self._given_up)
            self._given_up |= moments - seen

    def _all_ready(self) -> None:
        for each in self._sweepers:
            each.come_up()


class NotSettled(AssertionError):
    """The sheet never caught up with the log."""


_GENTLY = 0.5
_EARLY_ENOUGH = 0.7
_ENDING = 2.0
"""Seconds in which every sweeper has stopped."""


def cards(rng: Random) -> Iterator[str]:
    """Each fault early on, then all of them by their weight, without end."""
    deck = list(_OPENING)
    while True:
        rng.shuffle(deck)
        yield from deck
        deck = list(_DECK)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else can write to the database meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


def _rows(sheet: Path) -> list[Any]:
    sql = "SELECT order_id, kind, about, due_at, basis, urgency FROM deadline ORDER BY 1, 2, 3, 4"
    with closing(read_only(sheet)) as db:
        return db.execute(sql).fetchall()


def _up_to_date(log: Path, sheet: Path) -> bool:
    with closing(read_only(log)) as rows:
        head = rows.execute("SELECT max(position) FROM events").fetchone()
    try:
        with closing(read_only(sheet)) as rows:
            read = rows.execute("SELECT position FROM bookmark").fetchone()
    except sqlite3.OperationalError:  # it is being made at this moment
        return False
    return bool(head == read)


def campaign(site: Site, faults: Iterable[str], rng: Random, *, sweepers: int = 2) -> Outcome:
    """A run on a new store, one cycle for each of the faults."""
    made = run("migrate", "--data-dir", str(site.store), program=site.program, cwd=site.cwd)
    if made.returncode:
        raise AssertionError(made.stderr)
    with ExitStack() as stack:
        lookout = stack.enter_context(Lookout(site.store / "log.db", the_machines_clock))
        teller = stack.enter_context(Teller(site.start("import", "-")))
        return stack.enter_context(Campaign(site, rng, sweepers, (teller, lookout))).run(faults)
