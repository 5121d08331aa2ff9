"""What every deadline sheet promises, whatever it is kept in; each test is given an empty one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from domain.deadlines import Agenda, Deadline, DeadlineKind, Due
from projections.deadline_sheet import CLAIM, DeadlineSheet, Row
from tests.projections.sheet_claims import once_free

MIDNIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
LATER = MIDNIGHT + timedelta(days=1)
ONE, OTHER, UNKNOWN = UUID(int=1), UUID(int=2), UUID(int=9)

Opened = Callable[[], DeadlineSheet]
"""The same sheet once more, as another process opens it."""


def deadline(at: datetime, about: str = "full", basis: str = "s.9(1)") -> Deadline:
    return Deadline(DeadlineKind.INITIAL_NOTIFICATION, about, at, basis)


def agenda(version: int, *instants: datetime, urgency: int = 1) -> Agenda:
    return Agenda(version, urgency, [deadline(each) for each in instants])


class SheetContract:
    def test_what_was_worked_out_from_less_never_overwrites_what_was_from_more(
        self, sheet: DeadlineSheet
    ) -> None:
        sheet.put({ONE: agenda(6, MIDNIGHT)}, 60)
        sheet.put({ONE: agenda(5, LATER)}, 50)
        sheet.rearm({ONE: agenda(5)}, MIDNIGHT)
        assert sheet.next_due() == MIDNIGHT
        assert sheet.position == 60

    def test_an_order_with_nothing_pending_keeps_its_version(self, sheet: DeadlineSheet) -> None:
        sheet.put({ONE: agenda(6)}, 60)
        sheet.put({ONE: agenda(5, MIDNIGHT)}, 60)
        assert sheet.next_due() is None
        assert sheet.agendas([ONE, OTHER]) == {ONE: agenda(6)}
        assert sheet.agendas([]) == {}
        assert sheet.versions([]) == {}

    def test_new_rows_stand_in_place_of_the_old(self, sheet: DeadlineSheet) -> None:
        sheet.put({ONE: agenda(3, MIDNIGHT, LATER), OTHER: agenda(1, LATER)}, 3)
        kept, moved = deadline(LATER), deadline(LATER, basis="s.9(2)")
        sheet.put({ONE: Agenda(4, 0, [kept])}, 4)
        assert sheet.agendas([ONE]) == {ONE: Agenda(4, 0, [kept])}
        sheet.put({ONE: Agenda(4, 0, [moved, deadline(LATER, about="interim")])}, 4)
        assert list(sheet.rows()) == [
            Row(ONE, moved),
            Row(ONE, deadline(LATER, about="interim")),
            Row(OTHER, deadline(LATER)),
        ]

    def test_reading_moves_on_from_where_it_began_and_never_over_what_was_cleared(
        self, sheet: DeadlineSheet
    ) -> None:
        sheet.put({ONE: agenda(3, MIDNIGHT)}, 500)
        sheet.clear()
        assert (sheet.position, sheet.next_due(), sheet.agendas([ONE])) == (0, None, {})
        sheet.put({OTHER: agenda(3, MIDNIGHT)}, 600, after=500)
        assert sheet.position == 0
        sheet.put({}, 400, after=0)
        sheet.put({}, 600, after=400)
        sheet.put({}, 500, after=400)
        assert sheet.position == 600

    def test_what_one_sweep_claimed_another_leaves_until_the_claim_has_run_out(
        self, sheet: DeadlineSheet, again: Opened
    ) -> None:
        sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
        other = again()
        began = monotonic()
        assert sheet.claim(MIDNIGHT, limit=10) == [Due(ONE, MIDNIGHT, 3)]
        left = other.claim(MIDNIGHT, limit=10)
        assert left == [] or monotonic() - began >= CLAIM
        assert once_free(other, MIDNIGHT) == [Due(ONE, MIDNIGHT, 3)]
        assert monotonic() - began >= CLAIM

    def test_an_order_told_the_time_is_free_again(self, sheet: DeadlineSheet) -> None:
        sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
        sheet.claim(MIDNIGHT, limit=10)
        sheet.rearm({ONE: agenda(4, LATER)}, MIDNIGHT)
        assert sheet.claim(LATER, limit=10) == [Due(ONE, LATER, 4)]

    def test_when_a_sweep_last_looked_outlives_it(
        self, sheet: DeadlineSheet, again: Opened
    ) -> None:
        assert sheet.swept_at is None
        sheet.rearm({}, MIDNIGHT)
        sheet.put({}, 3)
        assert again().swept_at == MIDNIGHT

    def test_nothing_is_claimed_before_its_instant(self, sheet: DeadlineSheet) -> None:
        sheet.put({ONE: agenda(3, MIDNIGHT)}, 3)
        assert not sheet.claim(MIDNIGHT - timedelta(microseconds=1), limit=10)

    def test_of_many_that_are_due_the_oldest_are_claimed_first(self, sheet: DeadlineSheet) -> None:
        orders = [UUID(int=number) for number in range(1, 31)]
        instants = {each: MIDNIGHT - timedelta(hours=each.int) for each in orders}
        sheet.put({each: agenda(1, instants[each]) for each in orders}, 30)
        claimed: list[UUID] = []
        for _ in range(3):
            some = [due.order_id for due in sheet.claim(MIDNIGHT, limit=10)]
            sheet.rearm(
                dict.fromkeys(some, agenda(2)), MIDNIGHT
            )  # told, before their claim runs out
            claimed += some
        assert claimed == orders[::-1]

    def test_nobody_else_is_told_while_someone_urgent_waits(self, sheet: DeadlineSheet) -> None:
        both = (MIDNIGHT, LATER)
        sheet.put({ONE: agenda(3, *both), OTHER: agenda(3, *both, urgency=0)}, 3)
        urgent = [Due(OTHER, MIDNIGHT, 3)]
        began = monotonic()
        assert sheet.claim(LATER, limit=10) == urgent
        left = sheet.claim(LATER, limit=10)
        assert left == [] or monotonic() - began >= CLAIM
        assert once_free(sheet, LATER) == urgent
        sheet.rearm({OTHER: agenda(4, urgency=0)}, LATER)
        assert sheet.claim(LATER, limit=10) == [Due(ONE, MIDNIGHT, 3)]

    def test_what_comes_soon_is_known_before_it_comes(self, sheet: DeadlineSheet) -> None:
        sheet.put({ONE: agenda(3, MIDNIGHT), OTHER: agenda(3, LATER)}, 3)
        before = MIDNIGHT - timedelta(seconds=3)
        soon = before + timedelta(seconds=5)
        assert sheet.coming(before, soon, limit=10) == [Due(ONE, MIDNIGHT, 3)]
        assert sheet.versions([ONE, OTHER, UNKNOWN]) == {ONE: 3, OTHER: 3}

    def test_rows_are_told_in_one_order_and_equal_sheets_share_a_digest(
        self, sheet: DeadlineSheet
    ) -> None:
        sheet.put({OTHER: agenda(3, LATER, MIDNIGHT)}, 3)
        sheet.put({ONE: Agenda(3, 1, [deadline(LATER, "b"), deadline(LATER, "B")])}, 3)
        assert [(row.order_id, row.deadline.about) for row in sheet.rows()] == [
            (ONE, "B"),
            (ONE, "b"),
            (OTHER, "full"),
            (OTHER, "full"),
        ]
        assert sheet.digest() == DIGEST


DIGEST = "3fc963bbda08389eec4f2a02d337ffdf683768305ea8a3e8212deeb28770c8b2"
"""Of those four rows, by whatever they are kept in."""
