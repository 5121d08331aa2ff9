from collections.abc import Sequence

import pytest
from eventsourcing.persistence import Notification

from projections.projecting import Projecting
from projections.runner import LogReader
from spowatch.store.log_reader import SqliteLogReader
from spowatch.store.log_sqlite import SqliteLog
from tests.projections.runners.places import Open
from tests.projections.runners.tally import TallySheet, runner, table
from tests.projections.runners.test_runner import TWO, tell


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
