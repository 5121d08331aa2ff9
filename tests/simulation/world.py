"""The world of one seed: a store, its clocks, chance, and everything that waits for its time."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from consumers import senders
from consumers.channels.message import Reply
from projections import deadline_sheet_sqlite, runner
from spowatch.metrics.meters import Meters
from spowatch.settings.root import Settings
from spowatch.wiring.store import migrate, throw_away
from tests.simulation.clocks import Clocks

_CUT_OFF = timedelta(seconds=4)
"""After which a channel gives up on an endpoint that hangs."""


class Violation(AssertionError):
    """Something that must never be so; the words say what, and where."""


@dataclass
class World:
    """`calm` once no further fault is to happen: then everything must come right."""

    seed: int
    settings: Settings
    days: int
    rng: Random = field(init=False)
    clocks: Clocks = field(default_factory=Clocks)
    meters: Meters = field(default_factory=Meters)
    calm: bool = False
    bit: Counter[str] = field(default_factory=Counter)
    """How often each kind of fault met something."""
    _later: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _hanging: list[tuple[timedelta, Future[Reply], Callable[[], Reply]]] = field(
        default_factory=list
    )

    def __post_init__(self) -> None:
        self.rng = Random(f"world/{self.seed}")

    def chance(self, part: float) -> bool:
        """Whether a fault happens that happens so often; never once it is calm."""
        return not self.calm and self.rng.random() < part

    def when(self, shown: datetime, happening: Callable[[], object]) -> None:
        """Let it happen when the wall clock shows that."""
        heapq.heappush(self._later, (shown, next(self._numbers), happening))

    def soon(self, least: float, most: float, happening: Callable[[], object]) -> None:
        """Let it happen after so many seconds, more often few than many."""
        seconds = least * (most / least) ** self.rng.random()
        self.when(self.clocks.wall() + timedelta(seconds=seconds), happening)

    def happened(self) -> Iterator[Callable[[], object]]:
        """What the wall clock has come to, one after the other."""
        while self._later and self._later[0][0] <= self.clocks.wall():
            yield heapq.heappop(self._later)[2]

    @property
    def next_happening(self) -> timedelta | None:
        """When that is, in time elapsed."""
        left = [self.clocks.until(self._later[0][0])] if self._later else []
        ends = [ends - self.clocks.elapsed for ends, _, _ in self._hanging]
        soonest = min([*left, *ends], default=None)
        return None if soonest is None else self.clocks.elapsed + max(soonest, timedelta(0))

    def ends_what_hung(self) -> None:
        now = self.clocks.elapsed
        over = [each for each in self._hanging if each[0] <= now]
        self._hanging = [each for each in self._hanging if each[0] > now]
        for _, future, call in over:
            future.set_result(call())

    def threads(self, *_: object, **__: object) -> "Threads":
        return Threads(self)

    def hang(self, future: Future[Reply], call: Callable[[], Reply]) -> None:
        self.bit["endpoint hung"] += 1
        self._hanging.append((self.clocks.elapsed + _CUT_OFF, future, call))


@dataclass(frozen=True)
class Threads:
    """In the place of a sender's threads: a call is over at once, or when the endpoint was cut off."""

    world: World

    def submit(self, call: Callable[[], Reply]) -> Future[Reply]:
        future: Future[Reply] = Future()
        if self.world.chance(0.02):
            self.world.hang(future, call)
        else:
            future.set_result(call())
        return future

    def shutdown(self, *, wait: bool = True) -> None:
        pass


def _no_wait(_: Any, __: float) -> None:
    """Nobody waits for real: what hangs ends when the scheduler says so."""


@contextmanager
def world_of(seed: int, folder: Path, days: int) -> Iterator[World]:
    """A migrated store in that folder, on a machine whose clocks and threads are the seed's."""
    settings = throw_away(folder)
    migrate(settings)
    world = World(seed, settings, days)
    with ExitStack() as stack:
        for module in (deadline_sheet_sqlite, runner):
            stack.enter_context(patch.object(module, "monotonic", world.clocks.monotonic))
        stack.enter_context(patch.object(senders, "ThreadPoolExecutor", world.threads))
        stack.enter_context(patch.object(senders, "wait", _no_wait))
        yield world
