"""The caseload: it says of every case at any instant what the order says of itself."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.desk.desk import AlertDesk
from projections.arrest_board import open_alerts
from projections.case_queues import (
    Case,
    Queue,
    counts,
    rows_at,
    up_to_date,
)
from projections.case_queues import cases as cases_in
from projections.caseload import CaseRow, case_rows, row_of
from projections.compliance import Compliance
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from tests.projections.runners.opened_orders import orders_opened
from tests.projections.runners.reading import (
    INSTANTS,
    brought_up,
    made_anew,
    raise_alerts,
    rows_of,
)
from tests.projections.runners.test_arrest_board import OPERATOR, dealt_with
from tests.stories import NOW, Fact, breach, fact, served_order, store_at, tell, unnotified_order

CASELOAD = SheetName.CASELOAD
MET = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATE = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as made:
        yield made


def with_open_breach(store: Store) -> frozenset[UUID]:
    """The orders on which somebody still has to deal with an alert of a breach."""
    with brought_up(store, SheetName.ARREST_BOARD) as board:
        found = [each for each in open_alerts(board) if each.code.startswith("BREACH_")]
    return frozenset(each.order_id for each in found)


def row(store: Store, now: datetime = NOW) -> CaseRow:
    """The only case, as of `now`."""
    with brought_up(store, CASELOAD) as sheet:
        (found,) = rows_at(store.register, case_rows(sheet, {}), now)
    return found


def cases(store: Store, now: datetime, *, queue: Queue | None = None, **only: str) -> list[Case]:
    broken = with_open_breach(store)
    with brought_up(store, CASELOAD) as sheet:
        return cases_in(sheet, store.register, now, broken, only=only, queue=queue)


def counted(store: Store, **only: str) -> dict[Queue, int]:
    broken = with_open_breach(store)
    with brought_up(store, CASELOAD) as sheet:
        return counts(sheet, only, broken)


def queues(store: Store, now: datetime = NOW) -> dict[str, tuple[Queue, ...]]:
    return {case.row.reference: case.queues for case in cases(store, now) if case.queues}


def case(store: Store, reference: str, now: datetime = NOW) -> Case:
    return next(each for each in cases(store, now) if each.row.reference == reference)


def verified(*facts: Fact) -> list[Fact]:
    """Served, notified with a receipt, and seen at home."""
    told = served_order()
    told[-1]["data"]["acknowledgement_issued"] = True
    return [*told, fact("AddressVisit", "2026-11-22T08:00:00+00:00", result="seen"), *facts]


@pytest.mark.parametrize("now", INSTANTS, ids=str)
def test_a_case_is_what_its_order_says_of_itself_at_that_moment(
    lives: Store, now: datetime
) -> None:
    expected = []
    for opened, identity in orders_opened(lives):
        order = lives.register.order_by_id(identity)
        assert order.known_until is not None
        expected.append(_timeless(row_of(order, opened, max(now, order.known_until))))
    with brought_up(lives, CASELOAD) as sheet:
        found = [_timeless(each) for each in rows_at(lives.register, case_rows(sheet, {}), now)]
    assert len(found) > 100
    assert found == expected


def _timeless(row: CaseRow) -> CaseRow:
    """Without the instant it was worked out at, and how long it holds from there."""
    return replace(row, known_until=NOW, until=None)


def test_the_caseload_made_anew_is_the_one_that_was_kept_up(any_store: Store) -> None:
    facts: list[list[Fact]] = [
        served_order(),
        unnotified_order(),
        verified(fact("OfficerAssigned", "2026-11-22T08:00:00+00:00", officer="4711")),
        verified(breach(incident="one"), breach(incident="two", condition="P-ZONE-DIST")),
    ]
    for number, told in enumerate(facts):
        for each in told:
            tell(any_store, f"KENT-{number}", each, force="Kent", person=f"P{number}")
            rows_of(any_store, CASELOAD)
    before = rows_of(any_store, CASELOAD)
    assert len(before) == 4
    assert made_anew(any_store, CASELOAD) == (0, before)


def test_a_notification_not_made_is_due_and_then_overdue(store: Store) -> None:
    tell(store, "KENT-1", *unnotified_order(), now=MET - timedelta(days=1))
    too_late = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    moment = timedelta(microseconds=1)
    stages = [queues(store, at)["KENT-1"] for at in (MET, too_late - moment, too_late)]
    assert stages == [(Queue.DUE,), (Queue.DUE,), (Queue.OVERDUE,)]
    assert [each.row.reference for each in cases(store, LATE, queue=Queue.OVERDUE)] == ["KENT-1"]
    assert case(store, "KENT-1", LATE).late_by == timedelta(days=1)
    assert case(store, "KENT-1", MET).late_by == timedelta(0)


def test_a_home_nobody_has_been_seen_at_is_unverified_until_somebody_is(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    assert Queue.UNVERIFIED in row(store).chased
    tell(store, "KENT-1", fact("AddressVisit", "2026-11-23T08:00:00+00:00", result="no_reply"))
    assert Queue.UNVERIFIED in row(store).chased
    assert (row(store).visit, row(store).home_seen_at) == ("no_reply", None)
    tell(store, "KENT-1", fact("AddressVisit", "2026-11-24T08:00:00+00:00", result="seen"))
    assert Queue.UNVERIFIED not in row(store).chased
    moved = fact(
        "NotificationReceived", "2026-11-25T08:00:00+00:00", by="defendant",
        method="in_person_oral", station_area="home_address_area", names=["Alan Example"],
        home_address="9 Low Street, Chatham", acknowledgement_issued=True,
    )  # fmt: skip
    tell(store, "KENT-1", moved)
    assert Queue.UNVERIFIED in row(store).chased


def test_a_receipt_the_police_did_not_give_is_theirs_to_chase(store: Store) -> None:
    told = served_order()
    told[-1]["data"]["acknowledgement_issued"] = False
    tell(store, "KENT-1", *told)
    assert Queue.RECEIPT_OWED in queues(store)["KENT-1"]


def test_an_appointment_is_shown_while_it_lies_ahead_and_chased_a_day_after(store: Store) -> None:
    listed = fact(
        "AppointmentListed", "2026-11-22T08:00:00+00:00", condition="P-CONTACT-DIRECT",
        attend_at="2026-12-01T10:00:00+00:00",
    )  # fmt: skip
    tell(store, "KENT-1", *verified(listed), now=MET)
    before, after = (datetime(2026, 12, day, 12, 0, tzinfo=UTC) for day in (1, 2))
    ahead = row(store, MET)
    assert (ahead.appointment, ahead.appointment_at) == (
        "P-CONTACT-DIRECT",
        datetime(2026, 12, 1, 10, 0, tzinfo=UTC),
    )
    assert (row(store, before).appointment_at, queues(store, before)) == (None, {})
    assert queues(store, after) == {"KENT-1": (Queue.UNCONFIRMED,)}


def test_a_review_is_due_on_its_day(store: Store) -> None:
    tell(store, "KENT-1", *verified(fact("ReviewListed", "2026-11-22T08:00:00+00:00", on="2026-12-01")))  # fmt: skip
    assert queues(store) == {"KENT-1": (Queue.REVIEW_DUE,)}
    assert str(row(store).review_on) == "2026-12-01"


def test_a_breach_is_open_until_somebody_has_closed_its_alert(store: Store) -> None:
    tell(store, "KENT-1", *verified(breach()), force="Kent")
    raise_alerts(store)
    assert queues(store) == {"KENT-1": (Queue.BREACH_OPEN,)}
    assert row(store).last_breach_at == datetime(2026, 12, 5, 21, 0, tzinfo=UTC)
    with brought_up(store, SheetName.ARREST_BOARD) as board:
        (alert,) = (each[0] for each in board.rows())
    desk, later = AlertDesk(store.register), NOW + timedelta(minutes=1)
    for step in dealt_with():
        desk.do(alert, OPERATOR, later, step)  # type: ignore[arg-type]  # the first column is the id
    assert queues(store) == {}
    assert row(store).breaches == 1


def test_what_weighs_most_comes_first_and_then_what_is_most_late(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), force="Kent", person="P1")
    tell(store, "KENT-2", *unnotified_order(), force="Kent", person="P2")
    earlier = json.loads(json.dumps(unnotified_order()).replace("2026-11-20", "2026-11-10"))
    tell(store, "KENT-3", *earlier, force="Kent", person="P3")
    tell(store, "KENT-4", *verified(breach()), force="Kent", person="P4")
    raise_alerts(store)
    assert [case.row.reference for case in cases(store, NOW)] == [
        "KENT-4",
        "KENT-3",
        "KENT-2",
        "KENT-1",
    ]
    unverified = cases(store, NOW, queue=Queue.UNVERIFIED)
    assert [each.row.reference for each in unverified] == ["KENT-1"]


def test_cases_are_counted_by_queue_and_a_case_that_is_over_only_while_its_breach_is_open(
    store: Store,
) -> None:
    tell(store, "KENT-1", *served_order(), force="Kent", person="P1")
    given = fact("OfficerAssigned", "2026-12-01T08:00:00+00:00", officer="4711")
    tell(store, "KENT-2", *unnotified_order(), given, force="Kent", person="P2")
    tell(store, "KENT-3", *verified(), force="Kent", person="P3")
    tell(store, "KENT-4", *verified(breach()), force="Kent", person="P4")
    over = fact("DefendantDied", "2026-12-05T22:00:00+00:00")
    tell(store, "KENT-5", *verified(over), force="Kent", person="P5")
    raise_alerts(store)
    found = counted(store, force="Kent")
    assert {queue: number for queue, number in found.items() if number} == {
        Queue.BREACH_OPEN: 1,
        Queue.OVERDUE: 1,
        Queue.UNVERIFIED: 1,
    }
    assert not any(counted(store, force="Essex").values())
    with brought_up(store, CASELOAD) as sheet:
        told = up_to_date(sheet, store.register, NOW, (), only={"force": "Kent"})
    assert [each.row.reference for each in told] == ["KENT-3", "KENT-4"]


def test_an_officer_and_a_force_have_their_own_cases(store: Store) -> None:
    theirs = fact("OfficerAssigned", "2026-11-21T08:00:00+00:00", officer="4711")
    tell(store, "KENT-1", *unnotified_order(), theirs, force="Kent", person="P1")
    tell(store, "KENT-2", *unnotified_order(), force="Kent", person="P2")
    tell(store, "ESSEX-1", *unnotified_order(), theirs, force="Essex", person="P3")

    def listed(**asked: Any) -> list[str]:
        return sorted(each.row.reference for each in cases(store, NOW, **asked))

    assert listed(officer="4711") == ["ESSEX-1", "KENT-1"]
    assert listed(force="Kent") == ["KENT-1", "KENT-2"]
    assert listed(force="Kent", officer="4711") == ["KENT-1"]


def test_an_attempt_that_does_not_count_is_on_the_row_with_its_reason(store: Store) -> None:
    call = fact(
        "NotificationReceived", "2026-11-21T09:00:00+00:00", by="defendant", method="telephone",
        station_area="home_address_area", names=["Alan Example"], home_address="1 High Street",
    )  # fmt: skip
    tell(store, "KENT-1", *unnotified_order(), call)
    assert row(store).invalid == ("NOTIFICATION_METHOD_INVALID",)
    assert row(store).home_notified_at is None
    assert [duty.compliance(NOW) for duty in row(store).owed] == [Compliance.OVERDUE]


def test_nobodys_name_or_home_is_on_the_sheet(store: Store) -> None:
    tell(store, "KENT-1", *verified(breach(narrative="at 12 Hidden Lane", place="Hidden Lane")))
    told = repr(rows_of(store, CASELOAD))
    assert "KENT-1" in told
    for word in ("Alan", "Example", "Vera", "Sample", "Chatham", "Hidden"):
        assert word not in told
