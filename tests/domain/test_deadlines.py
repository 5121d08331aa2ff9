"""Deadlines: the pending instants are the ones at which the position really changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.deadlines import DeadlineKind, pending
from domain.position import Position
from domain.regimes import REGIMES
from domain.vocabulary import read_instant, read_statement
from spowatch.what_if import Numbered, Simulation

LAW = Path(__file__).parents[1] / "law"
CASES = [
    case
    for name in ("law_cases.json", "own_cases.json")
    for case in json.loads((LAW / name).read_text())["cases"]
]


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
        rows = [row for row in pending(position) if row.kind is not DeadlineKind.HEARING]
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
