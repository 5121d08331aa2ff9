"""Several sheets in one thread: none holds the others up, and what they read is fetched once."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import Notification, StoredEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.published import OrderEvent
from projections.projecting import Projecting
from projections.runner import LogReader, Runner
from projections.shared_reading import SharedReading
from projections.store import SheetStore
from spowatch.store.log_reader import SqliteLogReader
from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from tests.projections.runners.places import Open, in_file
from tests.projections.runners.tally import (
    OPENED,
    POISON,
    TOLD,
    InSteps,
    TallySheet,
    expected,
    runner,
    table,
)
from tests.projections.runners.test_runner import (
    TWO,
    Told,
    parked,
    rows,
    tell,
    well_formed,
)


class BrokenOff(Exception):
    pass


class FailsAtFirst:
    """A reader whose log cannot be reached the first few times it is asked."""

    def __init__(self, reader: LogReader, times: int) -> None:
        self._reader = reader
        self._left = times

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        if self._left:
            self._left -= 1
            raise BrokenOff
        return self._reader.read(after, limit=limit, wait=wait)


def test_one_call_brings_every_sheet_up(open_store: Open, log: SqliteLog) -> None:
    tell(log, *TWO)
    stores = [open_store(table(name)) for name in ("tally", "other", "third")]
    reader = SqliteLogReader(log)
    both = Projecting([runner(s, reader, log, sheet=TallySheet(s.table)) for s in stores])
    while both.work(0):
        pass
    assert [len(list(store.rows())) for store in stores] == [2, 2, 2]
    assert {store.live_position() for store in stores} == {3}


def test_a_sheet_that_fails_keeps_no_other_from_going_on(open_store: Open, log: SqliteLog) -> None:
    tell(log, *TWO)
    failing, *others = (open_store(table(name)) for name in ("tally", "other", "third"))
    reader = SqliteLogReader(log)
    broken = runner(failing, FailsAtFirst(reader, 3), log)
    sheets = [runner(s, reader, log, sheet=TallySheet(s.table)) for s in others]
    every = Projecting([broken, *sheets])
    for _ in range(3):
        with pytest.raises(BrokenOff):
            every.work(0)
    assert [len(list(store.rows())) for store in others] == [2, 2]
    every.work(0)
    assert len(list(failing.rows())) == 2


class Asked:
    """A log that remembers what it was asked for and had."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log
        self.given: list[int] = []
        self.loaded: list[list[UUID]] = []

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        found = SqliteLogReader(self._log).read(after, limit=limit, wait=wait)
        self.given += [event.id for event in found]
        return found

    def past(self, streams: Sequence[UUID]) -> Mapping[UUID | str, Sequence[StoredEvent]]:
        self.loaded.append(list(streams))
        return self._log.select_streams(streams)


def sharing(stores: Sequence[SheetStore], reading: SharedReading) -> list[Runner[Any]]:
    def said(_: OrderEvent, __: Exception) -> None:
        """Nobody is told."""

    made: list[Runner[Any]] = [
        Runner(TallySheet(s.table), s, reading, reading.past, said) for s in stores
    ]
    return made


def test_what_is_new_is_fetched_once_for_all_sheets(open_store: Open, log: SqliteLog) -> None:
    tell(log, *TWO)
    stores = [open_store(table(name)) for name in ("tally", "other", "third")]
    asked = Asked(log)
    every = Projecting(sharing(stores, SharedReading(asked, asked.past)))
    every.work(0)
    asked.given, asked.loaded = [], []
    tell(log, (0, TOLD, b"news"), (1, TOLD, b"more"))
    every.work(0)
    assert (asked.given, asked.loaded) == ([4, 5], [[UUID(int=0), UUID(int=1)]])
    assert {store.live_position() for store in stores} == {5}
    assert [rows(store) for store in stores] == [expected(tell(log))[0]] * 3


def test_who_has_seen_some_of_it_is_given_the_rest_and_no_more_than_asked_for(
    log: SqliteLog,
) -> None:
    tell(log, *TWO)
    asked = Asked(log)
    reading = SharedReading(asked, asked.past)

    def read(after: int, limit: int) -> list[int]:
        return [event.id for event in reading.read(after, limit=limit, wait=0)]

    assert read(1, 10) == [2, 3]
    assert (read(1, 1), read(2, 10), read(3, 10), read(0, 10)) == ([2], [3], [], [1, 2, 3])
    assert asked.given == [2, 3, 1, 2, 3]


some_told = st.lists(
    st.tuples(st.integers(0, 3), st.just(TOLD), st.sampled_from([b"a", b"b", POISON])), max_size=6
)
turns_taken = st.lists(st.integers(0, 2), max_size=4)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(some_told, turns_taken), min_size=3, max_size=6), st.data())
def test_sheets_that_share_what_they_read_hold_what_the_log_says_whoever_comes_when(
    history: list[tuple[list[Told], list[int]]], data: st.DataObject
) -> None:
    sizes = data.draw(st.lists(st.integers(1, 7)))
    with TemporaryDirectory() as folder, ExitStack() as stack:
        opened = stack.enter_context(in_file(Path(folder) / "projections.db"))
        migrate_log(Path(folder) / "log.db")
        log = stack.enter_context(closing(SqliteLog(Path(folder) / "log.db")))
        stores = [opened(table(name)) for name in ("tally", "other", "third")]
        reader = InSteps(SqliteLogReader(log), sizes)
        sheets = sharing(stores, SharedReading(reader, log.select_streams))
        begun: set[int] = set()
        for told, turns in history:
            tell(log, *well_formed(told, begun))
            begun.update(number for number, *_ in told)
            for turn in turns:
                sheets[turn].work(0)
        every = Projecting(sheets)
        while every.work(0):
            pass
        for store in stores:
            assert (rows(store), set(parked(store))) == expected(tell(log))


def test_a_sheet_that_comes_later_is_given_no_past_from_before_its_events(
    open_store: Open, log: SqliteLog
) -> None:
    stores = [open_store(table(name)) for name in ("tally", "other")]
    first, second = sharing(stores, SharedReading(SqliteLogReader(log), log.select_streams))
    tell(log, (0, OPENED, b"one"))
    first.work(0)
    for word in (b"two", b"three"):
        tell(log, (0, TOLD, word))
        first.work(0)
    second.work(0)
    events = tell(log, (0, TOLD, b"four"))
    first.work(0)
    second.work(0)
    assert [rows(store) for store in stores] == [expected(events)[0]] * 2
