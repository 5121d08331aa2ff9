"""Several consoles on one log: each is told everything once, and a new one no history."""

from pathlib import Path

from eventsourcing.persistence import Tracking

from consumers.channels.console import console_name
from consumers.console_feed import FURTHEST, ConsoleFeed
from domain.published import OrderEvent
from spowatch.open_store import Store
from tests.stories import breach, served_order, store_at, tell


def feed(store: Store, console: str) -> ConsoleFeed:
    return ConsoleFeed(console, store.events, store.log)


def read(feed: ConsoleFeed) -> list[OrderEvent]:
    """All there is, committed."""
    found: list[OrderEvent] = []
    while some := feed.read(limit=3, wait=0):
        found += some
        feed.commit(some[-1])
    return found


def test_each_console_is_told_everything_that_comes_while_it_is_there_or_away(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        one, two = feed(store, "one"), feed(store, "two")
        tell(store, "KENT-1", *served_order())
        first = read(one)
        assert read(two) == first != []
        tell(store, "KENT-1", *served_order(), breach())
        news = read(two)
        assert read(feed(store, "one")) == news != []
        assert read(feed(store, "one")) == read(feed(store, "two")) == []


def test_a_new_console_goes_on_where_the_furthest_has_come(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        slow = feed(store, "slow")
        tell(store, "KENT-1", *served_order())
        history = read(feed(store, "one"))
        assert store.log.max_tracking_id(FURTHEST) == history[-1].position
        new = feed(store, "new")
        tell(store, "KENT-1", *served_order(), breach())
        news = read(new)
        assert news[0].position > history[-1].position
        assert read(slow) == [*history, *news]
        assert store.log.max_tracking_id(FURTHEST) == news[-1].position


def test_a_bookmark_that_was_saved_though_nobody_could_say_so_is_passed(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        console = feed(store, "one")
        *_, last = console.read(limit=100, wait=0)
        store.log.insert_tracking(Tracking(console.name, last.position))
        console.commit(last)
        assert read(console) == []
        assert store.log.max_tracking_id(FURTHEST) == last.position


def test_a_console_has_one_name_for_ever_and_another_has_another(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "console.jsonl", tmp_path / "two" / "console.jsonl"
    for each in (one, two):
        each.parent.mkdir()
    assert console_name(one) == console_name(one) != console_name(two)


def test_a_console_whose_name_a_power_cut_emptied_is_named_anew(tmp_path: Path) -> None:
    console = tmp_path / "console.jsonl"
    console.with_suffix(".name").touch()
    assert len(console_name(console)) == 32
    assert console_name(console) == console_name(console)
