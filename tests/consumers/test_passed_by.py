"""A consumer that had nothing to do saves no bookmark for each event, and loses nothing by it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from eventsourcing.persistence import Tracking

from consumers.desk_worker import DeskWorker
from consumers.log_feed import LogFeed
from consumers.passed_by import SAVED_EVERY
from domain.open_alerts import open_alerts
from spowatch.open_store import Store
from tests.stories import NOW, breach, served_order, store_at, tell

DESK = "arrest-desk"


class Desk:
    """A desk on a clock that we move."""

    def __init__(self, store: Store) -> None:
        self.at = NOW
        feed = LogFeed(DESK, store.events, store.log)
        self._worker = DeskWorker(feed, store.register, lambda: self.at)

    def work(self) -> int:
        return self._worker.work(0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as store:
        yield store


def place(store: Store) -> int:
    return store.log.max_tracking_id(DESK) or 0


def head(store: Store) -> int:
    return store.log.max_notification_id() or 0


def test_its_place_is_saved_when_nothing_else_is_to_be_done(store: Store) -> None:
    desk = Desk(store)
    tell(store, "KENT-1", *served_order())
    assert (desk.work() > 0, place(store)) == (True, 0)
    assert (desk.work(), place(store)) == (0, head(store))


@pytest.mark.parametrize("passed", [SAVED_EVERY, -timedelta(hours=1)])
def test_a_busy_one_saves_it_once_a_second_whatever_its_clock_does(
    store: Store, passed: timedelta
) -> None:
    desk = Desk(store)
    for reference in ("KENT-1", "KENT-2"):
        tell(store, reference, *served_order())
        assert (desk.work() > 0, place(store)) == (True, 0)
    desk.at += passed
    tell(store, "KENT-3", *served_order())
    assert desk.work()
    assert place(store) == head(store)


def test_one_that_died_before_that_reads_on_from_before_and_raises_once(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    Desk(store).work()
    tell(store, "KENT-1", breach())
    for desk in (Desk(store), Desk(store)):
        while desk.work():
            pass
    assert len(list(open_alerts(store.register))) == 1


def test_a_store_that_was_away_meanwhile_has_it_when_it_is_back(store: Store) -> None:
    desk = Desk(store)
    tell(store, "KENT-1", *served_order())
    assert desk.work()
    with closing(sqlite3.connect(store.settings.log_path)) as other:
        other.execute("ALTER TABLE tracking RENAME TO away")
        with pytest.raises(sqlite3.OperationalError):
            desk.work()
        other.execute("ALTER TABLE away RENAME TO tracking")
    assert (desk.work(), place(store)) == (0, head(store))


def test_what_its_feed_passed_over_by_itself_is_not_taken_back(store: Store) -> None:
    desk = Desk(store)
    tell(store, "KENT-1", *served_order())
    assert desk.work()
    store.log.insert_tracking(Tracking(DESK, head(store) + 5))
    assert (desk.work(), place(store)) == (0, head(store) + 5)


def test_one_that_another_has_overtaken_goes_on_from_where_that_is(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    slow, fast = Desk(store), Desk(store)
    assert slow.work()
    tell(store, "KENT-1", breach())
    while fast.work():
        pass
    while slow.work():
        pass
    assert place(store) == head(store)
    assert len(list(open_alerts(store.register))) == 1
