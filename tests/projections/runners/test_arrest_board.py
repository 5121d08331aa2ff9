"""The arrest board: it says of every alert what the alert says of itself."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.desk.desk import AlertDesk
from domain.desk.events import Answered
from domain.desk.hands import DeskRole, Hand
from domain.desk.outcomes import OutcomeCode, Question
from domain.desk.record import AlertOnRecord
from domain.desk.steps import (
    Acknowledge,
    Close,
    Conclude,
    Offer,
    Reopen,
    SendUnit,
    SetPriority,
    Step,
    TellProtected,
)
from projections.arrest_board import (
    AlertRow,
    alerts_about,
    alerts_on,
    open_alerts,
    raised_after,
)
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from tests.projections.runners.reading import brought_up, made_anew, raise_alerts, rows_of
from tests.stories import NOW, breach, fact, served_order, store_at, tell

BOARD = SheetName.ARREST_BOARD
OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "desk-1")
SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "desk-2")
WORDS = ("Alan", "Example", "Vera", "Sample", "Chatham", "Hidden", "in the car", "wrong street")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as made:
        yield made


def broken(store: Store, reference: str, *, force: str = "Kent", person: str | None = None) -> UUID:
    """An order that is broken once, and the alert on it."""
    tell(store, reference, *served_order(), force=force, person=person or reference)
    return broken_again(store, reference)


def broken_again(store: Store, reference: str, **told: Any) -> UUID:
    tell(store, reference, breach(**{"incident": "first"} | told))
    raise_alerts(store)
    rows = [AlertRow(*row) for row in rows_of(store, BOARD)]
    return max((row for row in rows if row.reference == reference), key=lambda r: r.opened).alert_id


def do(store: Store, alert: UUID, *steps: Step, hand: Hand = OPERATOR, minutes: float = 1) -> None:
    for step in steps:
        AlertDesk(store.register).do(alert, hand, NOW + timedelta(minutes=minutes), step)


def dealt_with() -> list[Step]:
    answers = tuple(Answered(question=each, yes=True, reference="C/1") for each in Question)
    return [
        Acknowledge(),
        SendUnit(unit="KA12", incident="22-0145"),
        Conclude(outcome=OutcomeCode.ARRESTED, reference="CD/17"),
        TellProtected(how="telephone"),
        Close(answers=answers),
    ]


def row_of(store: Store, alert: UUID) -> AlertRow:
    rows = [AlertRow(*row) for row in rows_of(store, BOARD)]
    return next(row for row in rows if row.alert_id == alert)


def board(store: Store, force: str | None = None) -> list[str]:
    with brought_up(store, BOARD) as sheet:
        return [row.reference for row in open_alerts(sheet, force=force)]


def in_every_state(store: Store) -> None:
    """Alerts that were left alone, taken, passed on, graded, withdrawn, closed and reopened."""
    one, two, three, four, five = (broken(store, f"KENT-{number}") for number in range(1, 6))
    do(store, one, Acknowledge(), SendUnit(unit="KA12", incident="22-0145"))
    do(store, two, Acknowledge(), Offer(to_force="Essex", reason="he is in Harlow"))
    do(store, three, *dealt_with())
    do(store, three, Reopen(reason="the wrong street"), hand=SUPERVISOR, minutes=2)
    do(store, four, SetPriority(priority=2, reason="in the car"), hand=SUPERVISOR)
    do(store, five, Acknowledge())
    broken_again(store, "KENT-5", incident="second")
    tell(store, "KENT-4", fact("BreachRetracted", "2026-12-06T11:59:00+00:00", incident="first"))
    raise_alerts(store)


def test_a_row_says_what_the_alert_says_of_itself(any_store: Store) -> None:
    in_every_state(any_store)
    rows = [AlertRow(*row) for row in rows_of(any_store, BOARD)]
    assert len(rows) == 6
    for row in rows:
        alert = any_store.register.read(AlertOnRecord(row.alert_id))
        raised, owner = alert.raised, alert.ownership
        assert raised is not None
        assert (row.version, bool(row.is_open)) == (alert.version, alert.open)
        assert (row.priority, row.force, row.stage) == (alert.priority, alert.force, alert.stage)
        assert (row.owner, row.lease_until) == (owner.staff, owner.lease_until)
        assert row.tells_at == alert.escalation.next_due
        offer = alert.transfer.offer
        assert row.offered_to == (None if offer is None else offer.to_force)
        assert (row.code, row.cause, row.due_at) == (raised.code, raised.cause, raised.due_at)
        assert json.loads(row.reasons) == list(raised.reasons)
        assert (row.withdrawn is None) == (alert.withdrawn is None)
        assert row.resounded == len(alert.resounded)
        assert (row.told_at, row.telling_due_at) == (alert.telling.told_at, alert.telling.due_at)


def test_the_board_made_anew_is_the_board_that_was_kept_up(any_store: Store) -> None:
    in_every_state(any_store)  # the board is brought up between one step and the next
    before = rows_of(any_store, BOARD)
    assert len(before) == 6
    assert made_anew(any_store, BOARD) == (0, before)


def test_the_most_urgent_stands_first_and_then_the_newest(store: Store) -> None:
    first, _, third = (broken(store, f"KENT-{number}") for number in range(3))
    tell(store, "KENT-3", *served_order(), fact("AddressVisit", "2026-12-01T10:00:00+00:00", result="no_reply"))  # fmt: skip
    raise_alerts(store)
    do(store, first, SetPriority(priority=1, reason="he said when"))
    do(store, third, SetPriority(priority=1, reason="in the car"))
    shown = board(store)
    assert shown[:3] == ["KENT-2", "KENT-0", "KENT-1"]
    assert shown[-1] == "KENT-3"


def test_a_force_sees_its_own(store: Store) -> None:
    broken(store, "KENT-1")
    broken(store, "ESSEX-1", force="Essex")
    assert board(store, "Kent") == ["KENT-1"]
    assert sorted(board(store)) == ["ESSEX-1", "KENT-1"]


def test_what_is_closed_leaves_the_board_and_what_is_reopened_comes_back(store: Store) -> None:
    alert = broken(store, "KENT-1")
    do(store, alert, *dealt_with())
    assert board(store) == []
    closed = row_of(store, alert)
    assert (closed.stage, closed.outcome, closed.owner) == ("closed", "arrested", None)
    assert closed.closed_at == closed.acknowledged_at == NOW + timedelta(minutes=1)
    assert (closed.unit, closed.incident) == ("KA12", "22-0145")
    do(store, alert, Reopen(reason="the wrong street"), hand=SUPERVISOR, minutes=2)
    assert board(store) == ["KENT-1"]
    assert row_of(store, alert).closed_at is None


def test_the_breaches_of_one_person_are_found_together_on_whichever_order(store: Store) -> None:
    one = broken(store, "KENT-1", person="P1")
    other = broken(store, "KENT-2", person="P1")
    broken(store, "KENT-3", person="P3")
    person = store.register.order("KENT-1").subject_id
    assert person is not None
    with brought_up(store, BOARD) as sheet:
        found = alerts_about(sheet, person)
        breaches = [row.alert_id for row in found if row.code == "BREACH_ARREST"]
        assert breaches == [one, other]
        order = store.register.order("KENT-2").id
        assert other in [row.alert_id for row in alerts_on(sheet, order)]
        assert one not in [row.alert_id for row in alerts_on(sheet, order)]


def test_who_comes_back_with_a_cursor_misses_none_and_sees_none_twice(store: Store) -> None:
    alerts = [broken(store, f"KENT-{number}") for number in range(5)]
    broken(store, "ESSEX-1", force="Essex")
    seen: list[UUID] = []
    with brought_up(store, BOARD) as sheet:
        cursor = 0
        while some := raised_after(sheet, cursor, limit=2, force="Kent"):
            seen += [row.alert_id for row in some]
            cursor = some[-1].opened
    assert seen == alerts


def test_nobodys_name_and_no_reason_is_on_the_board(store: Store) -> None:
    in_every_state(store)
    told = repr(rows_of(store, BOARD))
    assert "KENT-1" in told
    assert not [word for word in WORDS if word in told]


def test_an_alert_that_cannot_be_read_stands_as_it_did_and_the_others_go_on(store: Store) -> None:
    one, other = broken(store, "KENT-1"), broken(store, "KENT-2")
    do(store, one, Acknowledge())
    do(store, other, Acknowledge())
    with closing(sqlite3.connect(store.settings.log_path)) as rows, rows:
        damage = (
            "UPDATE events SET state = '{}' WHERE originator_id = ? AND topic LIKE '%acknowledged%'"
        )
        assert rows.execute(damage, (one.bytes,)).rowcount == 1
    assert row_of(store, one).owner is None
    assert row_of(store, other).owner == "K1001"
