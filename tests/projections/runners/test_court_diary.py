"""The court diary: what a court liaison officer must not let pass."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from projections.court_diary import CourtRow, Listed, diary, row_of
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from tests.projections.runners.opened_orders import orders_opened
from tests.projections.runners.reading import brought_up, made_anew, rows_of
from tests.stories import NOW, Fact, fact, served_order, store_at, tell

DIARY = SheetName.COURT_DIARY
FIRST, LAST = date(2026, 1, 1), date(2040, 12, 31)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as made:
        yield made


def applied(*facts: Fact) -> list[Fact]:
    return [served_order()[0], *facts]


def hearing(on: str, t: str = "2026-10-02T10:00:00+01:00") -> Fact:
    return fact("HearingListed", t, on=on)


def interim(last_day: str) -> Fact:
    conditions = [{"code": "P-CONTACT-DIRECT", "wording": "Not to contact Vera Sample."}]
    return fact(
        "InterimOrderGranted", "2026-10-05T10:00:00+01:00", last_day=last_day,
        conditions=conditions, defendant_present=True,
    )  # fmt: skip


def listed(store: Store, first: date = FIRST, last: date = LAST, **asked: Any) -> list[Any]:
    with brought_up(store, DIARY) as sheet:
        found = diary(sheet, first, last, **asked)
    return [(str(each.on), each.what, each.row.reference, each.gap) for each in found]


def test_the_diary_made_anew_is_the_one_that_was_kept_up(any_store: Store) -> None:
    lives = [
        applied(hearing("2026-11-10"), interim("2026-11-09")),
        applied(hearing("2026-11-10"), hearing("2026-11-20", "2026-10-09T10:00:00+01:00")),
        served_order(),
    ]
    for number, facts in enumerate(lives):
        for each in facts:
            tell(any_store, f"KENT-{number}", each, force="Kent", person=f"P{number}")
            rows_of(any_store, DIARY)
    before = rows_of(any_store, DIARY)
    assert len(before) == 3
    assert made_anew(any_store, DIARY) == (0, before)


def test_the_diary_says_of_every_life_of_the_law_what_its_order_says(lives: Store) -> None:
    """Nothing in it changes by time alone: a row is what the order says at any later moment."""
    rows = [CourtRow(*row) for row in rows_of(lives, DIARY)]
    opened = {identity: position for position, identity in orders_opened(lives)}
    assert len(rows) == len(opened) > 100
    for row in rows:
        order = lives.register.order_by_id(row.order_id)
        later = max(NOW, row.known_until) + timedelta(days=20 * 365)
        expected = row_of(order, opened[row.order_id], later)
        assert row.order_id == expected.order_id
        assert list(_days(row)) == list(_days(expected))


def _days(row: CourtRow) -> Iterator[Any]:
    yield from (row.court, row.hearing_on, row.renewal_hearing_on, row.interim_last_day)
    yield from (row.order_last_day, row.appeals_pending)


def test_a_hearing_listed_again_stands_on_its_new_day_alone(store: Store) -> None:
    tell(store, "KENT-1", *applied(hearing("2026-11-10")))
    assert listed(store) == [("2026-11-10", Listed.HEARING, "KENT-1", False)]
    tell(store, "KENT-1", hearing("2026-11-20", "2026-11-10T10:00:00+00:00"))
    assert listed(store) == [("2026-11-20", Listed.HEARING, "KENT-1", False)]


def test_an_interim_order_that_ends_before_the_hearing_is_marked(store: Store) -> None:
    tell(store, "KENT-1", *applied(hearing("2026-11-20"), interim("2026-11-19")))
    assert listed(store) == [
        ("2026-11-19", Listed.INTERIM_ENDS, "KENT-1", True),
        ("2026-11-20", Listed.HEARING, "KENT-1", True),
    ]


def test_an_interim_order_that_lasts_through_the_day_of_the_hearing_is_not(store: Store) -> None:
    tell(store, "KENT-1", *applied(hearing("2026-11-20"), interim("2026-11-20")))
    assert [gap for *_, gap in listed(store)] == [False, False]


def test_what_was_decided_before_its_hearing_is_off_the_diary(store: Store) -> None:
    tell(store, "KENT-1", *applied(hearing("2026-12-20")))
    refused = fact("ApplicationRefused", "2026-11-01T10:00:00+00:00")
    tell(store, "KENT-1", refused)
    assert listed(store) == []


def test_an_order_stands_on_its_last_day_until_something_ends_it_before(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    assert listed(store) == [("2029-11-19", Listed.ORDER_ENDS, "KENT-1", False)]
    tell(
        store, "KENT-1",
        fact(
            "OrderDischarged", "2026-12-01T10:00:00+00:00", applicant="defendant",
            role="applied_for_order", heard=["chief_officer", "defendant"],
            consents=["defendant", "chief_officer_applied"],
        ),
    )  # fmt: skip
    assert store.register.order("KENT-1").position(NOW).status == "discharged"
    assert listed(store) == []


def test_a_renewal_heard_after_the_order_ends_is_marked(store: Store) -> None:
    renewal = fact("RenewalApplied", "2026-12-01T10:00:00+00:00", hearing="2029-11-20")
    tell(store, "KENT-1", *served_order(), renewal)
    assert listed(store) == [
        ("2029-11-19", Listed.ORDER_ENDS, "KENT-1", True),
        ("2029-11-20", Listed.RENEWAL_HEARING, "KENT-1", True),
    ]


def test_a_day_a_force_and_a_court_may_be_asked_for(store: Store) -> None:
    youth = served_order()[0]
    youth["data"] |= {"court": "youth", "defendant_age": 16}
    tell(store, "KENT-1", *applied(hearing("2026-11-10")), force="Kent", person="P1")
    tell(store, "KENT-2", youth, hearing("2026-11-11"), force="Kent", person="P2")
    tell(store, "ESSEX-1", *applied(hearing("2026-11-11")), force="Essex", person="P3")

    def references(*args: Any, **asked: Any) -> list[str]:
        return [reference for _, _, reference, _ in listed(store, *args, **asked)]

    assert references() == ["KENT-1", "ESSEX-1", "KENT-2"]
    assert references(date(2026, 11, 11), date(2026, 11, 11)) == ["ESSEX-1", "KENT-2"]
    assert references(force="Kent") == ["KENT-1", "KENT-2"]
    assert references(court="youth") == ["KENT-2"]
