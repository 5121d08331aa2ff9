"""What the desk does with a batch that it could not save."""

from contextlib import suppress
from pathlib import Path

import pytest
from eventsourcing.persistence import Tracking

from consumers.desk_worker import BATCH, FIRST_BATCH, DeskWorker
from consumers.log_feed import LogFeed
from domain.published import OrderEvent
from spowatch.open_store import Store
from spowatch.wiring.store import now
from tests.consumers.test_desk_worker import desk, raised
from tests.stories import breach, served_order, store_at, tell

ORDERS = 40


class Cut(OSError):
    """The way to the log was cut."""


class OvertakenFeed(LogFeed):
    """The same events, and meanwhile somebody else raises what they ask for."""

    def __init__(self, store: Store) -> None:
        super().__init__("a-slower-desk", store.events, store.log)
        self._faster = desk(store)

    def tracking(self, upto: OrderEvent) -> Tracking:
        while self._faster.work(0):
            pass
        return super().tracking(upto)


class CutFeed(LogFeed):
    """Cut in the middle of every second batch; remembers how many events each one was to have."""

    def __init__(self, store: Store) -> None:
        super().__init__("arrest-desk", store.events, store.log)
        self.limits: list[int] = []

    def read(self, *, limit: int, wait: float) -> list[OrderEvent]:
        self.limits.append(limit)
        return list(super().read(limit=limit, wait=wait))

    def tracking(self, upto: OrderEvent) -> Tracking:
        if len(self.limits) % 2 == 0:
            raise Cut
        return super().tracking(upto)


def breaches(store: Store) -> None:
    for number in range(ORDERS):
        tell(store, f"KENT-{number}", *served_order(), breach())


def test_a_batch_that_another_desk_got_into_is_saved_without_what_is_there(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        breaches(store)
        slower = DeskWorker(OvertakenFeed(store), store.register, now)
        while slower.work(0):
            pass
        assert len(raised(store)) == ORDERS
        assert store.log.max_tracking_id("a-slower-desk") is not None


def test_after_a_batch_that_failed_the_next_is_small_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        breaches(store)
        feed = CutFeed(store)
        worker = DeskWorker(feed, store.register, now)
        assert worker.work(0) == FIRST_BATCH
        with pytest.raises(Cut):
            worker.work(0)
        worker.work(0)
        assert feed.limits == [FIRST_BATCH, min(2 * FIRST_BATCH, BATCH), FIRST_BATCH]
        for _ in range(2 * ORDERS):
            with suppress(Cut):
                worker.work(0)
        assert len(raised(store)) == ORDERS
