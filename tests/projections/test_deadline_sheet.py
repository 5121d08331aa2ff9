"""The deadline sheet: older knowledge never overwrites newer, and what one sweep holds is its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from domain.deadlines import Agenda, Deadline, DeadlineKind, Due
from projections.deadline_sheet import CLAIM, DeadlineSheet

MIDNIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
LATER = MIDNIGHT + timedelta(days=1)
ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def sheet(tmp_path: Path) -> Iterator[DeadlineSheet]:
    made = DeadlineSheet(tmp_path / "sheets.db")
    yield made
    made.close()


def agenda(version: int, *instants: datetime, urgency: int = 1) -> Agenda:
    kind = DeadlineKind.INITIAL_NOTIFICATION
    return Agenda(version, urgency, [Deadline(kind, "full", each, "s.9(1)") for each in instants])


def test_what_was_worked_out_from_less_never_overwrites_what_was_from_more(
    sheet: DeadlineSheet,
) -> None:
    sheet.put({ONE: agenda(6, MIDNIGHT)}, 60)
    sheet.put({ONE: agenda(5, LATER)}, 50)
    sheet.rearm({ONE: agenda(5)}, MIDNIGHT)
    assert sheet.next_due() == MIDNIGHT
    assert sheet.position == 60


def test_an_order_with_nothing_pending_keeps_its_version(sheet: DeadlineSheet) -> None:
    sheet.put({ONE: agenda(6)}, 60)
    sheet.put({ONE: agenda(5, MIDNIGHT)}, 60)
    assert sheet.next_due() is None
    assert sheet.agendas([ONE, OTHER]) == {ONE: agenda(6)}


def test_what_one_sweep_claimed_another_leaves_until_the_claim_has_run_out(
    sheet: DeadlineSheet,
) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
    held = [Due(ONE, MIDNIGHT, 3)]
    assert sheet.claim(MIDNIGHT, limit=10, since=100.0) == held
    assert sheet.claim(MIDNIGHT, limit=10, since=100.0 + CLAIM / 2) == []
    assert sheet.claim(MIDNIGHT, limit=10, since=100.0 + CLAIM * 1.01) == held


def test_a_claim_from_before_the_machine_started_holds_nothing(sheet: DeadlineSheet) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
    sheet.claim(MIDNIGHT, limit=10, since=90_000.0)
    assert len(sheet.claim(MIDNIGHT, limit=10, since=5.0)) == 1


def test_an_order_told_the_time_is_free_again(sheet: DeadlineSheet) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
    sheet.claim(MIDNIGHT, limit=10, since=100.0)
    sheet.rearm({ONE: agenda(4, LATER)}, MIDNIGHT)
    assert sheet.claim(LATER, limit=10, since=100.0) == [Due(ONE, LATER, 4)]


def test_nothing_is_claimed_before_its_instant(sheet: DeadlineSheet) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
    assert not sheet.claim(MIDNIGHT - timedelta(microseconds=1), limit=10, since=100.0)


def test_nobody_else_is_told_while_someone_urgent_waits(sheet: DeadlineSheet) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT, LATER), OTHER: agenda(3, MIDNIGHT, LATER, urgency=0)}, 3)
    urgent = [Due(OTHER, MIDNIGHT, 3)]
    assert sheet.claim(LATER, limit=10, since=100.0) == urgent
    assert sheet.claim(LATER, limit=10, since=100.0 + CLAIM / 2) == []
    assert sheet.claim(LATER, limit=10, since=100.0 + CLAIM * 1.01) == urgent
    sheet.rearm({OTHER: agenda(4, urgency=0)}, LATER)
    assert sheet.claim(LATER, limit=10, since=101.0) == [Due(ONE, MIDNIGHT, 3)]


def test_what_comes_soon_is_known_before_it_comes(sheet: DeadlineSheet) -> None:
    sheet.put({ONE: agenda(3, MIDNIGHT), OTHER: agenda(3, LATER)}, 3)
    before = MIDNIGHT - timedelta(seconds=3)
    soon = before + timedelta(seconds=5)
    assert sheet.coming(before, soon, limit=10) == [Due(ONE, MIDNIGHT, 3)]
    assert sheet.versions([ONE, OTHER, UUID(int=9)]) == {ONE: 3, OTHER: 3}


def test_a_sheet_of_an_older_form_is_made_anew(tmp_path: Path) -> None:
    old = DeadlineSheet(tmp_path / "sheets.db")
    old.put({ONE: agenda(3, MIDNIGHT)}, 3)
    old._db.execute("PRAGMA user_version = 2")
    old.close()
    made = DeadlineSheet(tmp_path / "sheets.db")
    assert (made.position, made.next_due()) == (0, None)
    made.close()


def test_sweeps_that_start_together_make_one_sheet(tmp_path: Path) -> None:
    def opened(path: Path) -> int:
        sheet = DeadlineSheet(path)
        sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
        position = sheet.position
        sheet.close()
        return position

    for round_ in range(10):
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(opened, [tmp_path / f"{round_}.db"] * 8))
        assert found == [3] * 8


def test_a_sheet_worked_out_by_other_clock_rules_is_made_anew(tmp_path: Path) -> None:
    """A new release of the time-zone database may move a midnight; the log is read again."""
    path = tmp_path / "sheets.db"
    ours = DeadlineSheet(path)
    ours.put({ONE: agenda(3, MIDNIGHT)}, 3)
    ours.close()
    same = DeadlineSheet(path)
    assert same.position == 3
    same.close()
    changed = DeadlineSheet(path, rules=4711)
    assert (changed.position, changed.next_due()) == (0, None)
    changed.close()
