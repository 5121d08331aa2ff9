"""The runner: whatever comes in whatever portions, once each, in order, and poison stops its own alone."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from eventsourcing.persistence import Notification, StoredEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.published import OrderEvent
from projections.runner import LEAST, MOST, Pace, Superseded
from projections.sheet import Row
from projections.store import SheetStore
from spowatch.store.log_reader import SqliteLogReader
from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from tests.projections.runners.places import Open, in_file
from tests.projections.runners.tally import (
    MARKED,
    OPENED,
    POISON,
    TOLD,
    InSteps,
    TallySheet,
    expected,
    runner,
    table,
)

ALL = 10**9
STREAMS = [UUID(int=number) for number in range(4)]

Told = tuple[int, str, bytes]
"""The number of the stream, the topic and what is stored."""


def tell(log: SqliteLog, *told: Told) -> list[Notification]:
    """Put these into the log, one after another; all that is in it now."""
    for number, topic, state in told:
        stream = STREAMS[number]
        past = log.select_events(stream, desc=True, limit=1)
        version = past[0].originator_version + 1 if past else 1
        log.insert_events([StoredEvent(stream, version, topic, state)])
    return log.select_notifications(1, ALL)


def parked(store: SheetStore) -> list[tuple[UUID, int]]:
    mark = store.bookmark()
    assert mark is not None
    return [(event.stream_id, event.version) for event in store.parked(mark)]


def rows(store: SheetStore) -> set[Row]:
    return set(store.rows())


def of(rows: set[Row], number: int) -> Row:
    return next(row for row in rows if row[0] == STREAMS[number])


TWO: list[Told] = [(0, OPENED, b"one"), (1, OPENED, b"two"), (0, TOLD, b"more")]


def test_a_sheet_holds_what_the_log_says_and_follows_it(open_store: Open, log: SqliteLog) -> None:
    store = open_store(table())
    tell(log, *TWO)
    working = runner(store, SqliteLogReader(log), log)
    assert working.catch_up(3) == 3
    assert rows(store) == expected(log.select_notifications(1, ALL))[0]
    events = tell(log, (2, OPENED, b"three"), (1, TOLD, b"more"), (3, MARKED, b""))
    assert working.work(0) == 3
    assert rows(store) == expected(events)[0]
    assert store.live_position() == 6
    assert working.work(0) == 0


def test_a_sheet_of_an_empty_log_is_there_and_empty(open_store: Open, log: SqliteLog) -> None:
    store = open_store(table())
    working = runner(store, SqliteLogReader(log), log)
    assert working.catch_up(ALL) == 0
    assert rows(store) == set()
    events = tell(log, *TWO)
    assert working.catch_up(ALL) == 3
    assert rows(store) == expected(events)[0]


def test_poison_is_parked_with_what_follows_it_and_said_once_and_others_go_on(
    open_store: Open, log: SqliteLog
) -> None:
    store = open_store(table())
    said: list[OrderEvent] = []
    working = runner(store, SqliteLogReader(log), log, said=said)
    working.catch_up(ALL)
    tell(log, *TWO, (0, TOLD, POISON), (1, TOLD, b"b"), (0, TOLD, b"late"))
    assert working.work(0) == 6
    assert [(event.stream_id, event.version) for event in said] == [(STREAMS[0], 3)]
    assert parked(store) == [(STREAMS[0], 3), (STREAMS[0], 4)]
    assert of(rows(store), 0)[2] == 2
    tell(log, (0, TOLD, b"later"), (1, TOLD, b"c"))
    assert working.work(0) == 2
    assert parked(store)[-1] == (STREAMS[0], 5)
    assert of(rows(store), 1)[2] == 3
    again = runner(store, SqliteLogReader(log), log, said=said)
    assert again.parked == frozenset()
    again.catch_up(ALL)
    assert again.parked == {STREAMS[0]}
    assert len(said) == 1


def test_a_stream_that_is_redriven_takes_in_all_of_it_in_order(
    open_store: Open, log: SqliteLog
) -> None:
    store = open_store(table())
    said: list[OrderEvent] = []
    events = tell(log, *TWO, (2, OPENED, POISON), (0, TOLD, POISON), (2, TOLD, b"x"))
    still = runner(store, SqliteLogReader(log), log, said=said)
    still.catch_up(ALL)
    assert not still.redrive(STREAMS[0])
    assert len(parked(store)) == 3
    mended = runner(store, SqliteLogReader(log), log, sheet=TallySheet(mended=True), said=said)
    assert mended.redrive(STREAMS[0])
    assert mended.redrive(STREAMS[2])
    assert parked(store) == []
    assert of(rows(store), 0)[2:4] == (3, "onemorpoi")
    assert of(rows(store), 2)[1:4] == (events[3].id, 2, "poix")
    tell(log, (0, TOLD, b"on"))
    assert mended.work(0) == 1
    assert of(rows(store), 0)[2] == 4
    tell(log, (1, TOLD, b"on"))
    assert still.catch_up(ALL) == 8  # its own turn is over: it reads anew where it is
    tell(log, (0, TOLD, b"on"), (2, TOLD, b"on"))
    assert mended.catch_up(ALL) == 10
    assert of(rows(store), 0)[2] == 5
    assert parked(store) == []


def test_of_two_runners_the_one_that_comes_second_reads_on_from_where_the_first_is(
    open_store: Open, log: SqliteLog
) -> None:
    store = open_store(table())
    one = runner(store, SqliteLogReader(log), log)
    other = runner(open_store(table()), SqliteLogReader(log), log)
    one.catch_up(ALL)
    other.catch_up(ALL)
    events = tell(log, *TWO)
    assert one.work(0) == 3
    assert other.work(0) == 0
    events = tell(log, (0, TOLD, b"n"), (1, TOLD, b"n"))
    assert other.work(0) == 2
    assert one.catch_up(ALL) == other.catch_up(ALL) == 5
    assert rows(store) == expected(events)[0]


def test_a_sheet_made_anew_is_the_same_and_who_wrote_to_it_goes_on_with_the_new_one(
    open_store: Open, log: SqliteLog
) -> None:
    store = open_store(table())
    working = runner(store, SqliteLogReader(log), log)
    tell(log, *TWO, (0, TOLD, POISON), (0, TOLD, b"x"))
    working.catch_up(ALL)
    before, aside = rows(store), parked(store)
    beside = runner(open_store(table()), SqliteLogReader(log), log)
    assert beside.rebuild() == 0
    assert (rows(store), parked(store)) == (before, aside)
    events = tell(log, (1, TOLD, b"new"))
    assert working.catch_up(ALL) == 6
    assert rows(store) == expected(events)[0]


def test_a_sheet_of_more_streams_than_there_is_room_for_is_the_same(
    open_store: Open, log: SqliteLog
) -> None:
    store = open_store(table())
    events = tell(log, *TWO, (2, OPENED, b"c"), (2, TOLD, POISON), (1, TOLD, b"x"), (2, TOLD, b"y"))
    filling = runner(store, InSteps(SqliteLogReader(log), [1] * 20), log, room=1)
    filling.catch_up(ALL)
    assert (rows(store), set(parked(store))) == expected(events)


def test_what_somebody_changed_by_hand_is_found_and_put_right_when_it_is_made_anew(
    open_store: Open, log: SqliteLog
) -> None:
    store = open_store(table())
    events = tell(log, *TWO)
    working = runner(store, SqliteLogReader(log), log)
    working.catch_up(ALL)
    mark = store.bookmark()
    assert mark is not None
    store.redriven(mark, STREAMS[0], (*of(rows(store), 0)[:2], 99, "wrong", None, None))
    assert working.rebuild() == 2
    assert rows(store) == expected(events)[0]


def test_a_sheet_that_has_seen_more_than_there_is_is_made_anew(
    open_store: Open, log: SqliteLog, tmp_path: Path
) -> None:
    """A log put back from a backup is shorter than the sheet knew it."""
    store = open_store(table())
    tell(log, *TWO)
    runner(store, SqliteLogReader(log), log).catch_up(ALL)
    migrate_log(tmp_path / "restored.db")
    with closing(SqliteLog(tmp_path / "restored.db")) as restored:
        events = tell(restored, *TWO[:2])
        again = runner(store, SqliteLogReader(restored), restored)
        assert again.catch_up(ALL) == 2
        assert rows(store) == expected(events)[0]


def test_a_new_release_makes_its_own_form_and_the_old_one_does_not_take_it_back(
    open_store: Open, log: SqliteLog
) -> None:
    events = tell(log, *TWO)
    store, newer = open_store(table()), open_store(table(rules="another law"))
    old = runner(store, SqliteLogReader(log), log)
    old.catch_up(ALL)
    new = runner(newer, SqliteLogReader(log), log)
    new.catch_up(ALL)
    theirs = newer.bookmark()
    assert theirs is not None
    assert theirs.live
    tell(log, (0, TOLD, b"x"))
    assert old.catch_up(ALL) == 4
    assert newer.bookmark() == theirs
    new.rebuild()
    tell(log, (0, TOLD, b"y"))
    with pytest.raises(Superseded):
        old.catch_up(ALL)
    events = log.select_notifications(1, ALL)
    gone_back = runner(store, SqliteLogReader(log), log)
    assert gone_back.catch_up(ALL) == 5
    assert rows(store) == expected(events)[0]
    assert replace(store.bookmark() or theirs, form="").live


def test_the_pace_is_small_near_the_head_and_grows_while_behind() -> None:
    pace = Pace()
    for _ in range(10):
        pace.took(pace.size, 60.0)
    assert pace.size == MOST
    pace.took(200, 0.1)
    assert pace.size == LEAST
    pace.took(LEAST - 1, 0.001)
    assert pace.size == int((LEAST - 1) * 50)


what_is_told = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([TOLD, TOLD, TOLD, OPENED]),
        st.sampled_from([b"a", b"b", b"c", POISON]),
    ),
    max_size=25,
)


@contextmanager
def a_store_and_a_log() -> Iterator[tuple[SheetStore, SheetStore, SqliteLog]]:
    with TemporaryDirectory() as folder, in_file(Path(folder) / "projections.db") as opened:
        path = Path(folder) / "log.db"
        migrate_log(path)
        with closing(SqliteLog(path)) as log:
            yield opened(table()), opened(table()), log


@settings(max_examples=30, deadline=None)
@given(what_is_told, what_is_told, st.lists(st.integers(1, 7)), st.lists(st.booleans()))
def test_any_history_in_any_portions_by_any_of_two_runners_is_the_same_sheet(
    before: list[Told], after: list[Told], sizes: list[int], turns: list[bool]
) -> None:
    with a_store_and_a_log() as (store, beside, log):
        tell(log, *well_formed(before))
        one = runner(store, InSteps(SqliteLogReader(log), sizes), log)
        other = runner(beside, InSteps(SqliteLogReader(log), sizes[::-1]), log)
        other.work(0)
        events = tell(log, *well_formed(after, begun={number for number, *_ in before}))
        for turn in turns:
            (one if turn else other).work(0)
        one.catch_up(ALL)
        assert (rows(store), set(parked(store))) == expected(events)
        assert other.rebuild() == 0
        assert (rows(store), set(parked(store))) == expected(events)


def well_formed(told: list[Told], begun: set[int] | None = None) -> list[Told]:
    """Streams are opened by their first event alone; the fourth is of another kind altogether."""
    seen = set(begun or ())
    formed = []
    for number, _, state in told:
        topic = TOLD if number in seen or number == 3 else OPENED
        seen.add(number)
        formed.append((number, topic, state))
    return formed
