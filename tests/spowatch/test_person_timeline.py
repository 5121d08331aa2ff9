from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.desk.steps import Acknowledge
from spowatch.case_list import brought_up
from spowatch.open_store import Store
from spowatch.person_timeline import Moment, person_timeline
from spowatch.sheet_names import SheetName
from tests.projections.runners.test_arrest_board import broken, do
from tests.stories import NOW, breach, fact, served_order, store_at, tell


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as made:
        yield made


def timeline(store: Store, reference: str) -> list[Moment]:
    subject = store.register.order(reference).subject_id
    assert subject is not None
    orders = [
        store.register.order_by_id(each) for each in store.register.subject(subject).order_ids
    ]
    with brought_up(store, SheetName.ARREST_BOARD, NOW) as board:
        return person_timeline(store, subject, orders, board)


def test_of_an_order_whose_reading_is_not_on_record_nothing_is_told(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), person="P1")
    broken(store, "KENT-2", person="P1")
    order = store.register.order("KENT-1")
    assert order.subject_id is not None
    with brought_up(store, SheetName.ARREST_BOARD, NOW) as board:
        moments = person_timeline(store, order.subject_id, [order], board)
    assert {reference for each in moments for reference in each.orders} == {"KENT-1"}


def told(moments: list[Moment], topic: str) -> list[Moment]:
    return [each for each in moments if each.topic == f"spo.{topic}.v1"]


def test_breaches_of_two_orders_stand_on_one_timeline_by_when_they_happened(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), person="P1")
    tell(store, "KENT-2", *served_order(), person="P1")
    tell(store, "KENT-2", breach("2026-12-01T21:00:00+00:00", incident="a", t="2026-12-06T10:00:00+00:00"))  # fmt: skip
    tell(store, "KENT-1", breach("2026-12-03T21:00:00+00:00", incident="b"))
    reports = told(timeline(store, "KENT-1"), "breach-reported")
    assert [each.orders for each in reports] == [["KENT-2"], ["KENT-1"]]
    assert reports[0].occurred_at == datetime(2026, 12, 1, 21, 0, tzinfo=UTC)
    assert reports[0].recorded_at == datetime(2026, 12, 6, 10, 0, tzinfo=UTC)


def test_what_is_said_of_the_person_once_is_one_moment_on_every_order(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), person="P1")
    tell(store, "KENT-2", *served_order(), person="P1")
    tell(store, "KENT-1", fact("CustodyStarted", "2026-12-02T10:00:00+00:00"))
    (held,) = told(timeline(store, "KENT-2"), "custody-started")
    assert sorted(held.orders) == ["KENT-1", "KENT-2"]


def test_what_was_done_about_an_alert_is_on_it(store: Store) -> None:
    alert = broken(store, "KENT-1", person="P1")
    do(store, alert, Acknowledge())
    (taken,) = told(timeline(store, "KENT-1"), "alert-acknowledged")
    assert (taken.alert, taken.actor, taken.orders) == (alert, "K1001", ["KENT-1"])
    assert taken.what.startswith("At the desk: ")


def test_nobody_elses_order_is_on_it(store: Store) -> None:
    broken(store, "KENT-1", person="P1")
    broken(store, "KENT-2", person="P2")
    assert {ref for each in timeline(store, "KENT-1") for ref in each.orders} == {"KENT-1"}
