"""Deadlines: the pending instants are the ones at which the position really changes."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain.deadlines import Deadline, DeadlineKind, pending
from domain.position import Position
from domain.regimes import REGIMES
from domain.vocabulary import Statement, read_instant, read_statement
from spowatch.what_if import Numbered, Simulation
from tests.given_when_then import APPLIED, GRANTED, NOTIFIED, SERVED, at, fact, given

LIVE = (APPLIED, GRANTED, SERVED, NOTIFIED)
LAW = Path(__file__).parents[1] / "law"
CASES = [
    case
    for name in ("law_cases.json", "own_cases.json")
    for case in json.loads((LAW / name).read_text())["cases"]
]


_CHANGES_NOTHING = {DeadlineKind.HEARING, DeadlineKind.APPOINTMENT, DeadlineKind.REJUDGEMENT}


def positions(case: dict[str, Any]) -> list[Position]:
    """Where each order of the case stands at its `as_of`."""
    simulation = Simulation(REGIMES[case.get("regime", "EW-SPA-2019")])
    as_of = read_instant("as_of", case["as_of"])
    stated = [Numbered(i, read_statement(raw)) for i, raw in enumerate(case["given"])]
    simulation.run(stated, as_of)
    return [order.position(as_of) for order in simulation.orders.values()]


@pytest.mark.parametrize("case", CASES[::3], ids=lambda case: case["id"])
def test_the_soonest_deadline_is_when_the_position_next_changes(case: dict[str, Any]) -> None:
    for position in positions(case):
        rows = [row for row in pending(position) if row.kind not in _CHANGES_NOTHING]
        assert min((row.due_at for row in rows), default=None) == position.next_change


def test_each_pending_instant_names_its_provision() -> None:
    rows = [row for case in CASES for position in positions(case) for row in pending(position)]
    assert {row.kind for row in rows} >= {
        DeadlineKind.INITIAL_NOTIFICATION,
        DeadlineKind.INTERIM_END,
        DeadlineKind.ORDER_END,
        DeadlineKind.EXPIRY_WARNING,
        DeadlineKind.UNSERVED,
    }
    assert all(row.basis for row in rows)


def rows_of(*steps: Statement | datetime) -> list[Deadline]:
    story = given(*steps)
    return pending(story.order.position(story.now))


def test_after_the_2003_act_the_clock_runs_from_the_final_day() -> None:
    exempt = fact("2026-10-01 09:00", "SOA2003NotificationStarted")
    ceased = fact("2026-11-10 09:00", "SOA2003NotificationCeased", final_day="2026-11-12")
    rows = rows_of(APPLIED, exempt, GRANTED, SERVED, ceased, at("2026-11-13 09:00"))
    (row,) = [row for row in rows if row.kind is DeadlineKind.FINAL_DAY_NOTIFICATION]
    assert (row.due_at, row.basis) == (at("2026-11-15 00:00"), "SPA 2019 s.9(6), (7)")


def test_an_appointment_and_a_review_have_their_rows() -> None:
    listed = fact(
        "2026-11-10 09:00",
        "AppointmentListed",
        condition="R-PROGRAMME",
        attend_at="2026-11-16T10:00:00+00:00",
    )
    review = fact("2026-11-10 09:00", "ReviewListed", on="2026-12-01")
    rows = {row.kind: row.due_at for row in rows_of(*LIVE, listed, review)}
    assert rows[DeadlineKind.APPOINTMENT] == at("2026-11-16 10:00")
    assert rows[DeadlineKind.APPOINTMENT_UNCONFIRMED] == at("2026-11-17 10:00")
    assert rows[DeadlineKind.REVIEW] == at("2026-12-01 00:00")


def test_no_instant_that_changes_a_conclusion_goes_without_a_row() -> None:
    """A change that no kind of row announces still wakes the sweep."""
    story = given(*LIVE)
    position = story.order.position(story.now)
    position.next_change = at("2026-11-20 12:34")
    soonest = pending(position)[0]
    assert (soonest.kind, soonest.due_at) == (DeadlineKind.REJUDGEMENT, position.next_change)
