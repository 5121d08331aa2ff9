"""S7: twenty years of orders on a clock that jumps from one instant to the next, twice, identical.

First with the orders alone, in memory, on every core; then the whole program on a real store.
"""

import hashlib
import heapq
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain.dossier import order_id
from domain.events import EVENT_TYPES, Envelope, earliest
from domain.findings import Finding, FindingWithdrawn
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.submissions import Submission
from domain.vocabulary import Statement
from spowatch.doctor.inspection import exported
from spowatch.garbage import collect_garbage_rarely
from spowatch.open_store import Store
from spowatch.simulation import Happening, SimulatedClock, simulated
from spowatch.wiring.store import migrate, opened, throw_away
from tests.bench.log_bench import Figure, seconds
from tests.bench.twenty_lives import BEGINS, ENDS, told
from tests.forking import SPAWN

ORDERS, STORED, SEED = 100_000, 300, 20
_AT_ONCE = 1_000
"""Orders under one clock: what one process holds at a time."""
_CONCLUSIONS = frozenset(
    kind.TOPIC for kind in EVENT_TYPES.values() if issubclass(kind, Finding | FindingWithdrawn)
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to; the digest is over every conclusion and its instants, or every row."""

    digest: str
    instants: int
    concluded: int


def figures(orders: int = ORDERS, stored: int = STORED) -> Iterator[Figure]:
    collect_garbage_rarely()
    cores = os.cpu_count() or 1
    with SPAWN.Pool(cores, initializer=collect_garbage_rarely) as pool:
        firsts = range(0, orders, _AT_ONCE)
        pool.map(partial(_tell_only, 1), range(4 * cores), chunksize=1)  # all of them have started
        facts = seconds(lambda: pool.map(partial(_tell_only, orders), firsts, chunksize=1))
        run = _twice(lambda: _joined(pool.map(partial(_live, orders), firsts, chunksize=1)))
    yield from run.figures(f"S7 20 years, {orders:,} orders", "the facts alone", facts)
    memory = seconds(lambda: _live(stored, 0))
    run = _twice(lambda: live_stored(stored))
    yield from run.figures(f"S7 20 years, {stored:,} stored", "in memory", memory)


@dataclass(frozen=True, slots=True)
class Twice:
    took: Sequence[float]
    found: Sequence[Outcome]

    def figures(self, name: str, beside: str, base: float) -> Iterator[Figure]:
        first, again = self.found
        unit = f"s; {beside}; {first.instants:,} instants, {first.concluded:,} conclusions"
        for took, turn in zip(self.took, ("first", "again"), strict=True):
            goal = "<= 60 for 100,000"
            yield Figure(f"{name}, {turn}", unit, took, base, took / base, goal, self.took)
        yield Figure(f"{name}, differ", first.digest[:12], first != again, 0, 0, "0", [])


def _twice(run: Callable[[], Outcome]) -> Twice:
    found: list[Outcome] = []
    took = [seconds(lambda: found.append(run())) for _ in range(2)]
    return Twice(took, found)


def _joined(parts: Sequence[Outcome]) -> Outcome:
    digest = hashlib.sha256("".join(each.digest for each in parts).encode()).hexdigest()
    instants = sum(each.instants for each in parts)
    return Outcome(digest, instants, sum(each.concluded for each in parts))


def _tell_only(orders: int, first: int) -> int:
    return sum(len(told(number, SEED)) for number in _some(orders, first))


def _some(orders: int, first: int) -> range:
    return range(first, min(first + _AT_ONCE, orders))


def _live(orders: int, first: int) -> Outcome:
    lives = Lives()
    for number in _some(orders, first):
        lives.begin(number)
    lives.run()
    return Outcome(lives.digest.hexdigest(), lives.instants, lives.concluded)


@dataclass(slots=True)
class Lives:
    """Orders that are told facts and the time, whichever comes next."""

    orders: dict[int, StalkingProtectionOrder] = field(default_factory=dict)
    facts: dict[int, list[Statement]] = field(default_factory=dict)
    next: list[tuple[datetime, int]] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)
    instants: int = 0
    concluded: int = 0

    def begin(self, number: int) -> None:
        self.facts[number] = told(number, SEED)[::-1]
        order = self.orders[number] = StalkingProtectionOrder(order_id(f"LIFE/{number}"))
        opened = OrderOpened(reference=f"LIFE/{number}", force="Kent", regime="EW-SPA-2019")
        order.open(opened, Envelope(occurred_at=BEGINS, recorded_at=BEGINS, entered_at=BEGINS))
        heapq.heappush(self.next, (self.facts[number][-1].recorded_at, number))

    def run(self) -> None:
        while self.next and self.next[0][0] < ENDS:
            now, number = heapq.heappop(self.next)
            order, facts = self.orders[number], self.facts[number]
            order.advance(now, entered_at=now)
            while facts and facts[-1].recorded_at <= now:
                order.state(facts.pop(), entered_at=now)
            self._write_down(order)
            self.instants += 1
            told_next = facts[-1].recorded_at if facts else None
            coming = earliest(order.next_change, told_next)
            if coming is not None:
                heapq.heappush(self.next, (coming, number))

    def _write_down(self, order: StalkingProtectionOrder) -> None:
        for recorded in order.collect_events():
            if isinstance(recorded.event, Finding | FindingWithdrawn):
                self.concluded += 1
                place = f"{recorded.originator_id} {recorded.originator_version} {recorded.topic}"
                known, happened = recorded.envelope.recorded_at, recorded.envelope.occurred_at
                words = recorded.event.model_dump_json()
                self.digest.update(f"{place} {known} {happened} {words}".encode())


def live_stored(orders: int) -> Outcome:
    """The same through the register, the sweep, the desk and the console, on a store of its own."""
    with TemporaryDirectory(prefix="years-") as folder:
        settings = throw_away(Path(folder))
        migrate(settings)
        clock = SimulatedClock(BEGINS)
        with opened(settings) as store, simulated(store, clock, lambda _: None) as simulation:
            simulation.play(_happenings(store, clock, orders), ENDS)
            return _exported(store)


def _happenings(store: Store, clock: SimulatedClock, orders: int) -> Iterator[Happening]:
    everything = ((each, f"LIFE/{n}") for n in range(orders) for each in told(n, SEED))
    for each, reference in sorted(everything, key=lambda one: (one[0].recorded_at, one[1])):
        submission = Submission(reference, [each], force="Kent")
        yield each.recorded_at, partial(_state, store, clock, submission)


def _state(store: Store, clock: SimulatedClock, submission: Submission) -> None:
    store.register.state(submission, entered_at=clock())


def _exported(store: Store) -> Outcome:
    digest, instants, concluded = hashlib.sha256(), set(), 0
    for row in exported(store, start=1):
        digest.update(repr(sorted(row.items())).encode())
        instants.add(row["recorded_at"])
        concluded += row["topic"] in _CONCLUSIONS
    return Outcome(digest.hexdigest(), len(instants), concluded)
