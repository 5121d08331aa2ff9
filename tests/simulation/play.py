"""The scheduler: one seed decides who acts next, who dies, whose clock is stepped; time passes in between."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from uuid import UUID

from spowatch.store.sqlite_connection import connect
from spowatch.wiring.store import opened
from tests.simulation.actors import ACTORS, Actor, Outside
from tests.simulation.broker import Broker
from tests.simulation.edge import Endpoint
from tests.simulation.ending import came_right
from tests.simulation.ledger import Ledger
from tests.simulation.lives import lives
from tests.simulation.oracle import Oracle
from tests.simulation.people import People
from tests.simulation.teller import Teller
from tests.simulation.world import Violation, World, world_of

_CALM = timedelta(days=1)
"""At the end, in which everything must come right."""
_MOST_TURNS = 2_000
"""At one instant: more than that is a handler that never rests."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own in it, made by tempfile


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one seed came to. `digest` is over the whole log, the console and what went out."""

    seed: int
    digest: str
    events: int
    turns: int
    bit: dict[str, int]
    cpu: float
    """Seconds of the processor."""
    violation: str | None = None


@dataclass
class Play:
    """One seed at work."""

    world: World
    actors: dict[str, Actor]
    oracle: Oracle
    endpoint: Endpoint
    turns: int = 0
    _ends: timedelta = field(init=False)

    def __post_init__(self) -> None:
        self._ends = timedelta(days=self.world.days)

    def run(self) -> None:
        """Raises `Violation`."""
        self._plan_faults()
        self._until(self._ends - _CALM)
        self._heal()
        self._until(self._ends)
        self.oracle.look()

    def _until(self, end: timedelta) -> None:
        while self.world.clocks.elapsed < end:
            self._instant()
            self.world.clocks.elapsed = min(self._next(), end)

    def _instant(self) -> None:
        """Do all there is to do now, in an order that only the seed knows."""
        self.world.ends_what_hung()
        for happening in self.world.happened():
            happening()
            self._hear()
        turns = 0
        while awake := [a for a in self.actors.values() if a.wakes <= self.world.clocks.elapsed]:
            self.world.rng.choice(awake).turn()
            self._hear()
            turns += 1
            if turns > _MOST_TURNS:
                names = ", ".join(each.name for each in awake)
                msg = f"never at rest: {names}"
                raise Violation(msg)
        self.turns += turns
        if self.world.clocks.elapsed >= self.oracle.next_look:
            self.oracle.look()

    def _hear(self) -> None:
        """The log has grown: everybody is woken, and the oracle looks when all is quiet."""
        if self.oracle.ledger.read():
            self.endpoint.acknowledged |= self.oracle.ledger.accepted
            self.oracle.next_look = self.world.clocks.elapsed
            for actor in self.actors.values():
                actor.woken()

    def _next(self) -> timedelta:
        now = self.world.clocks.elapsed
        instants = [each.wakes for each in self.actors.values()]
        happening = self.world.next_happening
        soonest = min([*instants, self.oracle.next_look, happening or instants[0]])
        return max(soonest, now + timedelta(microseconds=1))

    def _plan_faults(self) -> None:
        world, rng = self.world, self.world.rng
        span = self._ends - _CALM
        for _ in range(world.days // 3):
            name = rng.choice(list(self.actors))
            world.when(world.clocks.wall() + rng.random() * span, partial(self._kill, name))
        for _ in range(world.days // 12 + 1):
            world.when(world.clocks.wall() + rng.random() * span, self._step_clock)
        for _ in range(world.days // 12 + 1):
            world.when(world.clocks.wall() + rng.random() * span, self._endpoint_down)

    def _kill(self, name: str) -> None:
        if self.actors[name].up and not self.world.calm:
            self.world.bit["killed"] += 1
            self.actors[name].kill()

    def _step_clock(self) -> None:
        """Somebody sets the clock; a person or a time server puts it right later."""
        if self.world.calm or self.world.clocks.stepped:
            return
        self.world.bit["clock stepped"] += 1
        by = self.world.rng.choice((-3600, -2, -0.4, 0.4, 2, 600, 10_800))
        self.world.clocks.stepped = timedelta(seconds=by)
        self._everybody_looks()
        self.world.soon(60, 40_000, self._put_right)

    def _put_right(self) -> None:
        self.world.clocks.stepped = timedelta(0)
        self._everybody_looks()

    def _everybody_looks(self) -> None:
        """Each wakes at least once a second, whatever the wall shows."""
        for actor in self.actors.values():
            if actor.up:
                actor.wakes = min(actor.wakes, self.world.clocks.elapsed + timedelta(seconds=1))
        self.oracle.next_look = self.world.clocks.elapsed

    def _endpoint_down(self) -> None:
        self.endpoint.down = not self.world.calm
        self.world.soon(5, 30_000, self._endpoint_up)

    def _endpoint_up(self) -> None:
        self.endpoint.down = False

    def _heal(self) -> None:
        self.world.calm, self.endpoint.down = True, False
        self._put_right()
        for actor in self.actors.values():
            actor.wakes = min(actor.wakes, self.world.clocks.elapsed)


@contextmanager
def _playing(seed: int, days: int, orders: int) -> Iterator[tuple[Play, Ledger]]:
    folder = _MEMORY if _MEMORY.is_dir() else None
    with ExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory(prefix="seed-", dir=folder)))
        world = stack.enter_context(world_of(seed, place, days))
        store = stack.enter_context(opened(world.settings, world.meters))
        people, teller, endpoint = People(world), Teller(world), Endpoint(world)
        stack.callback(people.close)
        stack.callback(teller.close)
        facts = {fact.command_id: fact for fact in lives(seed, days, orders)}
        for fact in facts.values():
            teller.expect(fact)
        broker = Broker(world) if world.rng.random() < 0.4 else None
        outside = Outside(endpoint, broker, people.hears)
        actors = {name: Actor(name, world, opens, outside) for name, opens in ACTORS.items()}
        outside.desk = actors["desk"]
        for actor in actors.values():
            stack.callback(actor.stop)
        people.plan_holds(days)
        at = stack.enter_context(closing(connect(world.settings.log_path)))
        ledger = Ledger(world, store, facts, at)
        yield Play(world, actors, Oracle(world, ledger, actors), endpoint), ledger


def played(seed: int, *, days: int = 60, orders: int = 4) -> Outcome:
    """The whole of one seed; a violation is part of the outcome, a fault of ours rises."""
    begun = process_time()
    with _playing(seed, days, orders) as (play, ledger):
        violation = None
        arrived: list[tuple[UUID, UUID, str]] = play.endpoint.arrived
        try:
            play.run()
            said = came_right(play.world, play.oracle, play.endpoint, ledger)
        except Violation as found:
            violation, said = str(found), ""
        digest = f"{ledger.digest} {said} {arrived}"
        bit = dict(sorted(play.world.bit.items()))
        cpu = process_time() - begun
        return Outcome(seed, _hash(digest), ledger.position, play.turns, bit, cpu, violation)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
