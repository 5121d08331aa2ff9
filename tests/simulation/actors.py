"""The roles as actors: each a process of its own on the store, which may die and is started again."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from consumers.channels.message import Recipient
from consumers.desk_worker import DeskWorker
from consumers.episodes import Episodes
from consumers.feed import TrackedFeed
from consumers.home_forces import HomeForces
from consumers.log_feed import LogFeed
from consumers.outward_lane import Lane
from consumers.outward_receiver import Receiver
from consumers.recipients import Settled
from consumers.reconciler import Reconciler
from consumers.sending_guard import SendingGuard
from domain.published import OrderEvent
from spowatch.open_store import Store
from spowatch.store.plain_reader import PlainReader
from spowatch.wiring.projections import projecting
from spowatch.wiring.sheets import opened_sheet
from spowatch.wiring.store import delivering, opened, sweep
from tests.simulation.broker import Broker, BrokerFeed
from tests.simulation.deaths import Died, dying, failing
from tests.simulation.edge import RECEIVER, Endpoint, Mark
from tests.simulation.reading import LONGEST_POLL, Sleepless
from tests.simulation.world import Violation, World

Work = Callable[[float], int]
Show = Callable[[dict[str, Any]], None]
_HELD_BACK = (0.001, 5.0)
_DEAD_FOR = (0.05, 20_000.0)
"""Seconds."""
_FATED = 0.08
"""Of the turns with news, this part meets a death or a failing disk; of the others hardly any."""
FIT_AFTER = timedelta(seconds=10)
LOOKS_AGAIN = 0.5
LEAST = 0.4
"""What looks again after less than that finds the same: it would cost turns and try nothing new."""
IDLE = 365 * 86_400.0
"""Who found nothing twice is not woken for nothing: the scheduler knows that the log stood still."""


@dataclass
class Outside:
    """What outlives every process: the endpoint, the broker if there is one, and who hears the console."""

    endpoint: Endpoint
    broker: Broker | None
    show: Show
    desk: "Actor | None" = None


@dataclass
class Actor:
    """One process. `fit_since` is when it last started, or last met a fault."""

    name: str
    world: World
    opens: "Callable[[Actor, Store, ExitStack], Work]"
    outside: Outside
    up: bool = False
    wakes: timedelta = timedelta(0)
    fit_since: timedelta = timedelta(0)
    slow: float = 0.0
    """Seconds that it may take to look at news: nobody's alert waits for it."""
    sleepless: Sleepless | None = None
    next_due: Callable[[], timedelta | None] = lambda: None
    _stack: ExitStack = field(default_factory=ExitStack)
    _work: Work | None = None
    _news: bool = False

    @property
    def is_fit(self) -> bool:
        """Whether it has been at work long enough to have done what there is."""
        return self.up and self.world.clocks.elapsed - self.fit_since > FIT_AFTER

    def start(self) -> None:
        """Opens a store of its own, as a process does."""
        self._stack = ExitStack()
        store = self._stack.enter_context(opened(self.world.settings, self.world.meters))
        self._work = self.opens(self, store, self._stack)
        self.up, self.wakes = True, self.world.clocks.elapsed
        self.fit_since = self.world.clocks.elapsed

    def kill(self, least: float = _DEAD_FOR[0], most: float = _DEAD_FOR[1]) -> None:
        """It is started again later. Closing its files saves nothing: what is pending is rolled back."""
        self.stop()
        seconds = least * (most / least) ** self.world.rng.random()
        self.wakes = self.world.clocks.elapsed + timedelta(seconds=seconds)

    def stop(self) -> None:
        self._stack.close()
        self.up, self._work = False, None

    def turn(self) -> None:
        """Be started, or do one piece of work, which may be the last."""
        if self._work is None:
            self.start()
            return
        work = self._work
        lines = int(2 ** self.world.rng.uniform(0, 11))
        fate = self.world.rng.random() / (_FATED if self._news else _FATED / 20)
        self._news = False
        try:
            if self.world.calm or fate > 1:
                busy = work(IDLE)
            elif fate > 0.75:
                busy = failing(lines, lambda: work(IDLE))
            else:
                busy = dying(lines, lambda: work(IDLE))
        except Died:
            self.world.bit["died"] += 1
            self.kill()
        except Violation:
            raise
        except Exception as fault:  # noqa: BLE001 - as in the worker loop: it goes on after a pause
            self._went_wrong(fault)
        else:
            self._sleeps(busy)

    def _went_wrong(self, fault: Exception) -> None:
        if self.world.calm or "disk I/O error" not in str(fault):
            raise fault
        self.world.bit["disk failed"] += 1
        self.fit_since = self.world.clocks.elapsed
        self.wakes = self.fit_since + timedelta(seconds=0.1)

    def _sleeps(self, busy: int) -> None:
        """Until it would look again by itself."""
        wait, reader = IDLE, self.sleepless
        if busy:
            wait = 0.0
        elif reader is not None:
            wait = max(LEAST, min(reader.would_wait, LOOKS_AGAIN if reader.found else IDLE))
        self.wakes = self.world.clocks.elapsed + timedelta(seconds=wait)
        self._news = busy == 0
        due = self.next_due()
        if due is not None:
            self.wakes = min(self.wakes, due)

    def woken(self) -> None:
        """The log has grown. Now and then that is heard late, or only by the next look."""
        if not self.up:
            return
        self._news = True
        late = self.slow
        if self.world.chance(0.1):
            least, most = _HELD_BACK
            late += min(LONGEST_POLL, least * (most / least) ** self.world.rng.random())
        self.wakes = min(self.wakes, self.world.clocks.elapsed + timedelta(seconds=late))


def desk(actor: Actor, store: Store, stack: ExitStack) -> Work:
    reader = actor.sleepless = Sleepless(store.events)
    feed: TrackedFeed = LogFeed("arrest-desk", reader, store.log)
    if actor.outside.broker is not None:
        feed = BrokerFeed(actor.outside.broker, reader, store.log)
    return DeskWorker(feed, store.register, actor.world.clocks.wall).work


def reconciler(actor: Actor, store: Store, stack: ExitStack) -> Work:
    plain = PlainReader(store.settings.log_path)
    stack.callback(plain.close)
    actor.sleepless = Sleepless(plain)
    clocks, outside = actor.world.clocks, actor.outside

    def owed(event: OrderEvent, _: UUID) -> None:
        """Fine while the desk was down; one that was fit has left it out."""
        actor.world.bit["raised by the second road"] += 1
        desk_at_work = outside.desk
        if desk_at_work is not None and desk_at_work.is_fit:
            msg = f"the desk left out what came of {event.topic} at {event.position}"
            raise Violation(msg)

    return Reconciler(actor.sleepless, store.register, clocks.wall, clocks.monotonic, owed).work


def episodes(actor: Actor, store: Store, stack: ExitStack) -> Work:
    clock = actor.world.clocks.wall
    reader = actor.sleepless = Sleepless(store.events)
    first = Episodes(LogFeed("episodes", reader, store.log), store.register, clock)
    second = HomeForces(LogFeed("home-forces", reader, store.log), store.register, clock)
    return lambda wait: first.work(wait) + second.work(wait)


def console(actor: Actor, store: Store, stack: ExitStack) -> Work:
    clock = actor.world.clocks.wall
    return _instantly(stack.enter_context(delivering(store, actor.outside.show, clock)).work)


def sheets(actor: Actor, store: Store, stack: ExitStack) -> Work:
    actor.slow = 5.0
    return _instantly(stack.enter_context(projecting(store, actor.world.clocks.wall)).work)


def sweeper(actor: Actor, store: Store, stack: ExitStack) -> Work:
    clocks = actor.world.clocks
    sheet = stack.enter_context(opened_sheet(store.settings))
    sweeping = sweep(store, sheet, clocks.wall)

    def work(_: float) -> int:
        done = sweeping.read(0) + sweeping.raise_due()
        sweeping.read_ahead()
        return done

    def next_due() -> timedelta | None:
        due = sheet.next_due()
        if due is None:
            return None
        # What is due and still there is in another's hands, who may be dead: as the clockwork, look again.
        return clocks.elapsed + max(clocks.until(due), timedelta(seconds=0.05))

    actor.next_due = next_due
    return work


def lane(actor: Actor, store: Store, stack: ExitStack) -> Work:
    clock = actor.world.clocks.wall
    actor.sleepless = Sleepless(store.events)
    to = Settled((Recipient(RECEIVER, SecretStr("https://cad.example.police.uk")),))
    receiver = Receiver(RECEIVER, actor.outside.endpoint, to)
    guard = SendingGuard(store.register, Mark(actor.world), clock)
    urgent = actor.name == "urgent lane"
    # Never closed: a process that dies answers for nothing.
    return Lane(receiver, store.register, actor.sleepless, clock, guard, urgent=urgent).work


def _instantly(work: Work) -> Work:
    return lambda _: work(0)


ACTORS: dict[str, Callable[[Actor, Store, ExitStack], Work]] = {
    "desk": desk,
    "reconciler": reconciler,
    "episodes": episodes,
    "console": console,
    "sheets": sheets,
    "sweeper": sweeper,
    "second sweeper": sweeper,
    "urgent lane": lane,
    "lane": lane,
}
