"""Several sweepers on one store, struck again and again while deadlines fall due in their hands."""

import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from time import monotonic, time
from typing import Any, Self

from deploy.postgres.server import running
from tests.faults.falling_due import Due, Moment, Teller, never_notified, never_served
from tests.faults.lookout import Lookout, on_record, raised, the_machines_clock
from tests.faults.processes import NotReady, Role, Site
from tests.faults.sweepers_books import Books, FileBooks, ServerBooks
from tests.faults.sweepers_outcome import Outcome, Tally
from tests.program import PATIENCE, run
from tests.store.postgres.key_places import unmigrated_keys
from tests.store.postgres.places import unmigrated

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
        self, site: Site, books: Books, rng: Random, sweepers: int, tools: tuple[Teller, Lookout]
    ) -> None:
        self._books = books
        self._log = books.log
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
        for number, fault in enumerate(cards, start=1):
            self._tally.struck[fault] += 1
            self._strike(fault)
            self._await(self._expected)
            self._all_ready()
            if not number % _SAID_EVERY:
                print(f"{number} cycles, {len(self._expected)} deadlines", file=sys.stderr)
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
                self._lock(self._fall_due_together(), fault)
                self._tell_overdue()
            case "lock the sheet":
                self._lock(self._fall_due_together(), fault)
            case "restart the database":
                self._restart(self._fall_due_together())
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

    def _restart(self, at: float) -> None:
        """Its server ends in the middle of it without a word, and is back a second or two later."""
        self._until(at + self._rng.uniform(0, _EARLY_ENOUGH * self._claim))
        self._books.restart()
        self._tally.bit["restart the database"] += raised(self._log) < len(self._expected)
        self._await(self._expected)
        self._tell_overdue()

    def _lock(self, at: float, fault: str) -> None:
        self._until(at - 0.05)
        with self._books.locked(fault):
            self._until(at + self._rng.uniform(1.0, 2.0))
            self._tally.bit[fault] += raised(self._log) < len(self._expected)

    def _lose_the_sheet(self) -> None:
        """It is deleted while nobody runs and deadlines pass, and comes back row for row."""
        before = self._settled_rows()
        at = self._fall_due_together(lead=_ENDING)
        self._end_all()
        self._books.lose_the_sheet()
        self._until(at)
        self._tally.bit["lose the sheet"] += raised(self._log) < len(self._expected)
        for each in self._sweepers:
            each.start_again()
        self._all_ready()
        self._settle()
        self._await(self._expected)
        self._tally.unlike += _unlike(before, self._settled_rows())

    def _end_all(self) -> None:
        """As told, or without a word."""
        gently = self._rng.random() < _GENTLY
        for each in self._sweepers:
            if gently:
                self._tally.unclean_stops += each.stop() != 0
            else:
                each.kill()

    def _settle(self) -> None:
        """Until the sheet has read all there is, be it from the start of the log."""
        deadline = monotonic() + 4 * PATIENCE + len(self._expected) * _ANEW
        while not self._books.up_to_date:
            self._nothing.wait(0.01)
            if monotonic() > deadline:
                raise NotSettled

    def _settled_rows(self) -> list[tuple[Any, ...]]:
        """Once it has read all there is, and whoever found something has put its next rows: none is due."""
        deadline = monotonic() + SILENT
        while True:
            self._settle()
            rows = self._books.rows()
            if not self._books.any_due:
                return rows
            if monotonic() > deadline:
                raise NotSettled
            self._nothing.wait(0.05)

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


def _unlike(before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]) -> list[str]:
    gone, new = set(before) - set(after), set(after) - set(before)
    return [f"gone {row}" for row in sorted(gone)] + [f"new {row}" for row in sorted(new)]


class NotSettled(AssertionError):
    """The sheet never caught up with the log."""


_SAID_EVERY = 100
_ANEW = 0.02
"""Seconds, at most, that one order takes when the whole sheet is made anew on a busy machine."""
_GENTLY = 0.5
_EARLY_ENOUGH = 0.7
_ENDING = 2.0
"""Seconds in which every sweeper has stopped."""


def cards(rng: Random, more: Sequence[str] = ()) -> Iterator[str]:
    """Each fault early on, then all of them by their weight, without end."""
    deck = [*_OPENING, *more]
    while True:
        rng.shuffle(deck)
        yield from deck
        deck = [*_DECK, *more]


def campaign(site: Site, faults: Iterable[str], rng: Random, *, sweepers: int = 2) -> Outcome:
    """A run on a new store in files, one cycle for each of the faults."""
    _migrate(site)
    return _run(site, FileBooks(site.store), faults, rng, sweepers)


def campaign_on_postgres(
    site: Site, faults: Iterable[str], rng: Random, *, sweepers: int = 2
) -> Outcome:
    """A run on a new store on a server of its own, which may be restarted too."""
    with running() as cluster:
        books = ServerBooks(cluster, unmigrated(cluster), unmigrated_keys(cluster))
        _migrate(replace(site, settings=books.for_migrate))
        books.grant()
        return _run(replace(site, settings=books.for_roles), books, faults, rng, sweepers)


def _migrate(site: Site) -> None:
    made = run(
        "migrate",
        "--data-dir",
        str(site.store),
        program=site.program,
        settings=site.settings,
        cwd=site.cwd,
    )
    if made.returncode:
        raise AssertionError(made.stderr)


def _run(site: Site, books: Books, faults: Iterable[str], rng: Random, sweepers: int) -> Outcome:
    with ExitStack() as stack:
        lookout = stack.enter_context(Lookout(books.log, the_machines_clock))
        teller = stack.enter_context(Teller(site.start("import", "-")))
        run_ = stack.enter_context(Campaign(site, books, rng, sweepers, (teller, lookout)))
        return run_.run(faults)
