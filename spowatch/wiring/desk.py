"""What watches over alerts, built from settings: the desk, the second road, the episodes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import structlog

from consumers.desk_worker import DeskWorker
from consumers.episodes import Episodes
from consumers.home_forces import HomeForces
from consumers.log_feed import LogFeed
from consumers.reconciler import Reconciler
from domain.brought import BringAlong
from domain.published import OrderEvent
from spowatch.metrics.of_roles import SecondRoadMeters
from spowatch.metrics.reading import MeasuredFeed, MeasuredReader
from spowatch.wiring.log import second_reader
from spowatch.wiring.transport import desk_feed

if TYPE_CHECKING:
    from spowatch.open_store import Store

_log = structlog.get_logger()


class Worker(Protocol):
    def work(self, wait: float) -> int:
        """One unit of work, waiting for it at most `wait` seconds; how much there was."""
        ...


@dataclass(frozen=True, slots=True)
class OneAfterTheOther:
    """Two that read the same log: the first waits for news, the second has it too by then."""

    first: Worker
    second: Worker

    def work(self, wait: float) -> int:
        return self.first.work(wait) + self.second.work(0)


@contextmanager
def the_desk(store: "Store", clock: Callable[[], datetime]) -> Iterator[DeskWorker]:
    along = BringAlong()
    with desk_feed(store, clock, along) as feed:
        measured = MeasuredFeed(feed, store.meters.roles.of("alert"))
        yield DeskWorker(measured, store.register, clock, along)


@contextmanager
def the_second_road(store: "Store", clock: Callable[[], datetime]) -> Iterator[Reconciler]:
    """By the log, through a reader of its own: it needs neither a broker nor the desk."""
    with second_reader(store.settings) as plain:
        measured = MeasuredReader(plain, store.meters.roles.of("reconcile"))
        yield Reconciler(
            measured, store.register, clock, monotonic, partial(told_owed, store.meters.second_road)
        )


@contextmanager
def the_episodes(store: "Store", clock: Callable[[], datetime]) -> Iterator[OneAfterTheOther]:
    log = LogFeed("episodes", store.events, store.log)
    homes = LogFeed("home-forces", store.events, store.log)
    yield OneAfterTheOther(
        Episodes(log, store.register, clock), HomeForces(homes, store.register, clock)
    )


def told_owed(meters: SecondRoadMeters, event: OrderEvent, alert: UUID) -> None:
    meters.owed.inc()
    _log.error("alert raised by the reconciler", position=event.position, alert=str(alert))
