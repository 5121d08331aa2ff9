"""The deadline sheet in a file: the contract's promises, and what a file may meet."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic

import pytest

from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from tests.projections.sheet_contract import MIDNIGHT, ONE, Opened, SheetContract, agenda


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sheets.db"


@pytest.fixture
def again(path: Path) -> Iterator[Opened]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(SqliteDeadlineSheet(path)))


@pytest.fixture
def sheet(again: Opened) -> SqliteDeadlineSheet:
    opened = again()
    assert isinstance(opened, SqliteDeadlineSheet)
    return opened


class TestPromises(SheetContract):
    pass


def test_a_claim_from_before_the_machine_started_holds_nothing(sheet: SqliteDeadlineSheet) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
    sheet._db.execute("UPDATE agenda SET claimed = ?", (monotonic() + 90_000,))
    assert len(sheet.claim(MIDNIGHT, limit=10)) == 1


def test_a_sheet_of_an_older_form_is_made_anew(path: Path) -> None:
    with closing(SqliteDeadlineSheet(path)) as old:
        old.put({ONE: agenda(3, MIDNIGHT)}, 3)
        old._db.execute("PRAGMA user_version = 2")
    with closing(SqliteDeadlineSheet(path)) as made:
        assert (made.position, made.next_due()) == (0, None)


def test_sweeps_that_start_together_make_one_sheet(tmp_path: Path) -> None:
    def opened(path: Path) -> int:
        with closing(SqliteDeadlineSheet(path)) as sheet:
            sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
            return sheet.position

    for round_ in range(10):
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(opened, [tmp_path / f"{round_}.db"] * 8))
        assert found == [3] * 8


def test_a_sheet_worked_out_by_other_clock_rules_is_made_anew(path: Path) -> None:
    """A new release of the time-zone database may move a midnight; the log is read again."""
    with closing(SqliteDeadlineSheet(path)) as ours:
        ours.put({ONE: agenda(3, MIDNIGHT)}, 3)
    with closing(SqliteDeadlineSheet(path)) as same:
        assert same.position == 3
    with closing(SqliteDeadlineSheet(path, rules=4711)) as changed:
        assert (changed.position, changed.next_due()) == (0, None)
