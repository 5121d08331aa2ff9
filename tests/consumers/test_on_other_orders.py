"""A person who breaks another of their orders does it again: the pattern is of the person, on either road."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from consumers.on_other_orders import elsewhere
from consumers.reconciler import GRACE
from domain.alerts import AlertRaised, Priority
from domain.clocked import ReadsStreams
from domain.dossier import order_id
from domain.findings import BreachRecorded
from domain.open_alerts import open_alerts
from domain.register import OrderRegister
from domain.subjects import OrderLinked
from spowatch.open_store import Store
from tests.consumers.test_reconciler import reconciling
from tests.stories import breach, fact, served_order, store_at, tell, work_until_idle

ROADS = pytest.mark.parametrize("road", ["alert", "reconcile"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as store:
        yield store


def two_orders(store: Store, second: str = "P-1") -> None:
    tell(store, "KENT-1", *served_order(), person="P-1")
    tell(store, "KENT-2", *served_order(), person=second)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, 5, hour, minute, tzinfo=UTC)


def broken(store: Store, order: str, hour: int, told: int | None = None, **data: Any) -> None:
    """Broken at that hour of the 5th, told and entered at that other hour or ten minutes later."""
    entered = at(hour, 10) if told is None else at(told)
    report = breach(at(hour).isoformat(), t=entered.isoformat(), **data)
    tell(store, order, report, now=entered)


def raised(store: Store, road: str) -> dict[str, AlertRaised]:
    """By order the alert last raised there, on that road."""
    if road == "alert":
        work_until_idle(store, "alert")
    else:
        with reconciling(store) as reconciler:
            reconciler.after(GRACE)
    found = [each.raised for each in open_alerts(store.register)]
    return {each.reference: each for each in found if each is not None}


@ROADS
def test_the_second_breach_of_a_person_is_urgent_though_it_breaks_another_order(
    store: Store, road: str
) -> None:
    two_orders(store)
    broken(store, "KENT-1", 9)
    broken(store, "KENT-2", 10)
    found = raised(store, road)
    assert [each.priority for each in found.values()] == [Priority.PROMPT, Priority.IMMEDIATE]
    assert found["KENT-2"].reasons == ("2 breaches in 24 hours",)
    assert (found["KENT-1"].repeats_24h, found["KENT-2"].repeats_24h) == (0, 1)


@ROADS
def test_what_is_recorded_later_on_another_order_is_not_counted_afterwards(
    store: Store, road: str
) -> None:
    two_orders(store)
    broken(store, "KENT-1", 10)
    broken(store, "KENT-2", 9, told=11)
    found = raised(store, road)
    assert [found[each].repeats_24h for each in ("KENT-1", "KENT-2")] == [0, 0]


def test_both_roads_say_the_same_of_what_was_withdrawn_since(tmp_path: Path) -> None:
    said = []
    for road in ("alert", "reconcile"):
        (tmp_path / road).mkdir()
        with store_at(tmp_path / road) as store:
            two_orders(store)
            broken(store, "KENT-1", 9, incident="I-1")
            broken(store, "KENT-2", 10)
            retracted = fact("BreachRetracted", at(11).isoformat(), incident="I-1")
            tell(store, "KENT-1", retracted, now=at(11))
            second = raised(store, road)["KENT-2"]
            said.append((second.cause, second.priority, second.reasons, second.repeats_24h))
    assert said[0][1:] == said[1][1:] == (1, ("2 breaches in 24 hours",), 1)


@pytest.mark.parametrize(
    ("first", "second"), [({}, {"hour": 9}), ({"incident": "I-1"}, {"hour": 10, "incident": "I-1"})]
)
def test_one_act_that_breaks_two_orders_is_no_pattern(
    store: Store, first: dict[str, Any], second: dict[str, Any]
) -> None:
    two_orders(store)
    broken(store, "KENT-1", 9, **first)
    broken(store, "KENT-2", **second)
    assert raised(store, "alert")["KENT-2"].repeats_24h == 0


def test_what_somebody_else_did_is_not_counted(store: Store) -> None:
    two_orders(store, second="P-2")
    broken(store, "KENT-1", 9)
    broken(store, "KENT-2", 10)
    assert raised(store, "alert")["KENT-2"].priority == Priority.PROMPT


@ROADS
@pytest.mark.parametrize("topic", [BreachRecorded.TOPIC, OrderLinked.TOPIC])
def test_what_cannot_be_read_of_an_order_or_the_person_delays_no_alert_of_another(
    store: Store, road: str, topic: str
) -> None:
    two_orders(store)
    broken(store, "KENT-1", 9)
    raised(store, "alert")
    broken(store, "KENT-2", 10)
    spoilt = [order_id("KENT-1").bytes, store.register.order("KENT-2").subject_id.bytes]  # type: ignore[union-attr]  # told of a person
    with closing(sqlite3.connect(store.settings.log_path)) as log, log:
        log.execute(
            "UPDATE events SET state = x'00' WHERE originator_id IN (?, ?) AND topic = ?",
            (*spoilt, topic),
        )
        assert log.total_changes > 0
    second = raised(store, road)["KENT-2"]
    assert (second.priority, second.repeats_24h) == (Priority.PROMPT, 0)


class Asking:
    """A register, and how often streams were asked of it."""

    def __init__(self, register: OrderRegister) -> None:
        self.recorder, self.asked = self, 0
        self._register = register

    def __getattr__(self, name: str) -> Any:
        return getattr(self._register, name)

    def select_streams(self, *about: Any) -> Any:
        self.asked += 1
        return cast("ReadsStreams", self._register.recorder).select_streams(*about)


def test_however_many_people_have_one_order_each_it_is_one_query(store: Store) -> None:
    for number in range(3):
        tell(store, f"KENT-{number}", *served_order(), person=f"P-{number}")
    orders = [store.register.order(f"KENT-{number}") for number in range(3)]
    register = Asking(store.register)
    assert elsewhere(cast("OrderRegister", register), orders) == {}
    assert register.asked == 1
