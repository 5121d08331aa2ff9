"""What every store of a sheet promises, in a file and in a database."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID, uuid4

import pytest

from domain.published import OrderEvent
from projections.postgres import PostgresSheetStore
from projections.reading import every
from projections.sheet import Column, Kind, Row
from projections.sqlite import SqliteSheetStore
from projections.store import Bookmark, Moved, NotBuilt, SheetStore, digest_of
from tests.projections.runners.places import Open
from tests.projections.runners.tally import NOON, row, table

ONE, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)


def built(store: SheetStore, *rows: Row, upto: int = 10) -> Bookmark:
    """A form with these rows, which people read."""
    mark = store.put(store.begin(), upto, rows, [])
    store.switch(mark, store.live_position())
    found = store.bookmark()
    assert found is not None
    return found


def parked(stream: UUID, *versions: int) -> list[OrderEvent]:
    return [OrderEvent(100 + version, "test.told.v1", stream, version) for version in versions]


def all_rows(store: SheetStore) -> list[Row]:
    return list(store.rows())


def test_rows_come_back_as_they_were_put_by_their_key(open_store: Open) -> None:
    store = open_store(table())
    put = [
        row(OTHER, 2, 2**40, "naïve 'quoted' £", FIRST),
        row(ONE, 7, 1, None, LAST),
        row(THIRD, 9, 0, "", None),
    ]
    mark = built(store, *put)
    assert all_rows(store) == [put[1], put[0], put[2]]
    store.put(mark, 11, put, [])
    assert all_rows(store) == [put[1], put[0], put[2]]


def test_a_column_of_nothing_but_nothing_is_put_too(open_store: Open) -> None:
    store = open_store(table())
    mark = built(store, row(ONE))
    store.put(mark, 11, [row(ONE, None, 2, None, None), row(OTHER, 5, 2, None, None)], [])
    assert all_rows(store) == [row(ONE, 1, 2, None), row(OTHER, 5, 2, None)]


def test_rows_are_counted_by_what_a_column_says(open_store: Open) -> None:
    told = replace(table(), tallied_by=(("version", "said"),))
    store = open_store(told)
    rows = [row(uuid4(), n, version=n % 2, said=said) for n, said in enumerate("aab", 1)]
    built(store, *rows, row(uuid4(), 9, said=None), row(uuid4(), 10, said=""))
    assert store.tally("said", only={}) == {"a": 2, "b": 1}
    assert store.tally("said", only={"version": 1}) == {"a": 1, "b": 1}


def test_two_stores_with_equal_rows_share_a_digest_and_others_do_not(open_store: Open) -> None:
    store = open_store(table())
    mark = built(store, row(ONE, at=NOON), row(OTHER))
    known = digest_of(iter([row(ONE, at=NOON), row(OTHER)]))
    assert digest_of(store.rows()) == known
    store.put(mark, 11, [row(OTHER, version=2)], [])
    assert digest_of(store.rows()) != known


def test_a_later_row_takes_the_place_of_the_earlier_but_for_what_is_told_once(
    open_store: Open,
) -> None:
    store = open_store(table())
    mark = built(store, row(ONE, 7, 1, "a"))
    store.put(mark, 11, [row(ONE, None, 2, "b")], [])
    assert all_rows(store) == [row(ONE, 7, 2, "b")]


def test_of_two_that_read_from_the_same_place_one_writes(open_store: Open) -> None:
    store, beside = open_store(table()), open_store(table())
    mark = built(store, row(ONE))
    beside.put(mark, 12, [row(ONE, version=2)], parked(OTHER, 1))
    with pytest.raises(Moved):
        store.put(mark, 12, [row(ONE, version=3)], parked(OTHER, 1, 2))
    assert all_rows(store) == [row(ONE, version=2)]
    assert store.live_position() == 12
    now = store.bookmark()
    assert now is not None
    assert store.parked(now) == parked(OTHER, 1)


def test_nobody_writes_past_a_gap(open_store: Open) -> None:
    store = open_store(table())
    mark = built(store, row(ONE))
    with pytest.raises(Moved):
        store.put(replace(mark, position=11), 12, [row(ONE, version=2)], [])
    assert store.live_position() == 10


def test_what_fails_half_way_leaves_rows_and_bookmark_as_they_were(open_store: Open) -> None:
    store = open_store(table())
    mark = store.put(built(store, row(ONE)), 11, [], parked(OTHER, 1))
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.put(mark, 12, [row(ONE, version=2)], parked(OTHER, 1))
    assert all_rows(store) == [row(ONE)]
    assert store.bookmark() == mark
    store.put(mark, 12, [row(ONE, version=2)], parked(OTHER, 2))
    assert all_rows(store) == [row(ONE, version=2)]


def test_nothing_is_read_of_a_sheet_that_was_never_completed(open_store: Open) -> None:
    store = open_store(table())
    mark = store.put(store.begin(), 10, [row(ONE)], [])
    assert store.live_position() is None
    assert store.bookmark() == mark
    for ask in (lambda: all_rows(store), store.last, lambda: page(store, 0)):
        with pytest.raises(NotBuilt):
            ask()


def page(store: SheetStore, after: int, limit: int = 10, **only: str) -> Sequence[Row]:
    return store.page(after, limit=limit, only=only)


def test_a_page_goes_on_where_the_last_one_ended(open_store: Open) -> None:
    store = open_store(table())
    rows = [row(uuid4(), number, said="ab"[number % 2]) for number in (3, 1, 4, 2)]
    built(store, *rows)
    in_order = sorted(rows, key=lambda each: str(each[1]))
    assert page(store, 0, limit=3) == in_order[:3]
    assert page(store, 3, limit=3) == in_order[3:]
    assert page(store, 1, said="a") == [in_order[1], in_order[3]]
    assert store.last() == 4


def test_the_last_of_no_rows_is_none(open_store: Open) -> None:
    store = open_store(table())
    built(store)
    assert store.last() is None
    assert page(store, 0) == all_rows(store) == []


def test_a_new_form_leaves_the_one_that_is_read_and_no_other(open_store: Open) -> None:
    store = open_store(table())
    live = built(store, row(ONE))
    unfinished = store.put(store.begin(), 4, [row(OTHER)], parked(OTHER, 1))
    finished = store.put(store.begin(), 10, [row(ONE), row(OTHER)], [])
    with pytest.raises(Moved):
        store.put(unfinished, 5, [], [])
    assert store.bookmark() == live
    assert all_rows(store) == [row(ONE)]
    assert store.switch(finished, 10) == 1
    assert all_rows(store) == [row(ONE), row(OTHER)]


def test_who_wrote_to_the_form_that_was_read_before_is_told(open_store: Open) -> None:
    store = open_store(table())
    before = built(store, row(ONE))
    now = built(store, row(ONE, version=2))
    assert now.form != before.form
    with pytest.raises(Moved):
        store.put(before, 11, [row(ONE, version=3)], [])
    assert store.bookmark() == now


@pytest.mark.parametrize("live_at", [None, 9, 11])
def test_nobody_switches_away_from_a_form_that_went_on(
    open_store: Open, live_at: int | None
) -> None:
    store = open_store(table())
    built(store, row(ONE))
    mark = store.put(store.begin(), 10, [row(OTHER)], [])
    with pytest.raises(Moved):
        store.switch(mark, live_at)
    with pytest.raises(Moved):
        store.switch(replace(mark, position=9), 10)
    assert all_rows(store) == [row(ONE)]


def test_equal_forms_at_an_equal_place_differ_in_nothing(open_store: Open) -> None:
    store = open_store(table())
    built(store, row(ONE, at=NOON), row(OTHER, said=None))
    same = store.put(store.begin(), 10, [row(OTHER, said=None), row(ONE, at=NOON)], [])
    assert store.switch(same, 10) == 0
    fewer = store.put(store.begin(), 10, [row(OTHER, said="x")], [])
    assert store.switch(fewer, 10) == 3
    elsewhere = store.put(store.begin(), 11, [], [])
    assert store.switch(elsewhere, 10) is None


def test_another_release_has_forms_of_its_own_and_the_older_can_be_gone_back_to(
    open_store: Open,
) -> None:
    ours = open_store(table())
    newer = replace(ours.table, columns=(*ours.table.columns, Column("more", Kind.TEXT)))
    theirs = open_store(newer)
    mark = built(ours, row(ONE))
    assert theirs.bookmark() is None
    fresh = theirs.put(theirs.begin(), 10, [(*row(OTHER), "more")], [])
    assert theirs.switch(fresh, 10) is None
    assert all_rows(theirs) == [(*row(OTHER), "more")]
    kept = ours.bookmark()
    assert kept == replace(mark, turn=mark.turn + 1, live=False)
    ours.put(kept, 11, [row(ONE, version=2)], [])
    ours.switch(replace(kept, position=11), 10)
    assert all_rows(ours) == [row(ONE, version=2)]


def test_what_is_parked_is_kept_in_order_until_it_is_redriven(open_store: Open) -> None:
    store = open_store(table())
    first = store.put(built(store, row(ONE)), 11, [], parked(OTHER, 2) + parked(THIRD, 1))
    mark = store.put(first, 12, [], parked(OTHER, 3))
    events = sorted(parked(OTHER, 2, 3) + parked(THIRD, 1), key=lambda each: each.position)
    assert [e.position for e in store.parked(mark)] == [e.position for e in events]
    assert set(store.parked(mark)) == set(events)
    now = store.redriven(mark, OTHER, row(OTHER, version=3))
    assert store.parked(now) == parked(THIRD, 1)
    assert all_rows(store) == [row(ONE), row(OTHER, version=3)]
    with pytest.raises(Moved):
        store.put(mark, 13, [], parked(OTHER, 4))
    with pytest.raises(Moved):
        store.redriven(mark, THIRD, row(THIRD))


def test_who_waits_is_woken_when_another_has_written(open_store: Open) -> None:
    writing, reading = open_store(table()), open_store(table())
    mark = built(writing, row(ONE))
    assert reading.wait_for(10, 0)
    assert not reading.wait_for(11, 0.02)
    waiting = threading.Event()
    found: list[tuple[bool, float]] = []

    def wait() -> None:
        waiting.set()
        found.append((reading.wait_for(11, 60), monotonic()))

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(60)
    begun = monotonic()
    writing.put(mark, 11, [], [])
    thread.join(60)
    ((there, at),) = found
    assert there
    assert at - begun < 40


def test_no_reading_fails_or_sees_half_a_sheet_while_forms_change(open_store: Open) -> None:
    writing, reading = open_store(table()), open_store(table())
    rows = [row(UUID(int=number), number) for number in range(300)]
    built(writing, *rows)
    stop = threading.Event()
    read: list[int] = []
    faults: list[BaseException] = []

    def look() -> None:
        try:
            while not stop.is_set():
                read.append(len(all_rows(reading)))
                read.append(len(page(reading, -1, limit=1000)))
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is reported
            faults.append(fault)

    thread = threading.Thread(target=look)
    thread.start()
    for _ in range(20):
        mark = writing.put(writing.begin(), 10, rows, [])
        assert writing.switch(mark, 10) == 0
    while not read and not faults:
        continue  # on a busy machine the reader may not have begun
    stop.set()
    thread.join(30)
    assert not faults
    assert set(read) == {300}


def test_what_readers_narrow_by_is_found_without_reading_every_row(open_store: Open) -> None:
    """Asked of the file and of the database themselves: each form has an index for it."""
    store = open_store(replace(table(), found_by=("said",)))
    built(store, *(row(UUID(int=number), number, said="ab"[number % 2]) for number in range(1, 9)))
    found = store.page(2, limit=2, only={"said": "b"})
    assert [each[1] for each in found] == [3, 5]
    assert any(name.endswith("_by_said") for name in indexes(store))


def test_every_row_is_read_whatever_portions_it_is_read_in(open_store: Open) -> None:
    store = open_store(table())
    put = [row(UUID(int=number), 10 * number, said="ab"[number % 2]) for number in range(1, 8)]
    built(store, *put)
    for at_once in (1, 2, 7, 1000):
        assert list(every(store, {}, at_once=at_once)) == put
        assert list(every(store, {"said": "b"}, at_once=at_once)) == put[::2]


def indexes(store: SheetStore) -> list[str]:
    if isinstance(store, SqliteSheetStore):
        asked = "SELECT name FROM sqlite_master WHERE type = 'index'"
        return [name for (name,) in store._all(asked)]
    assert isinstance(store, PostgresSheetStore)
    asked = "SELECT indexname FROM pg_indexes WHERE schemaname = 'projections'"
    return [name for (name,) in store._reading.ask(asked, [])]
