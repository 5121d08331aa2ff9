"""The desk reads of an order only what its rules need; with all of it they demand the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from consumers.alert_rules import WHAT_RULES_READ
from consumers.arrest_desk import alerts_from, withdrawals_from
from domain.alerts import AlertRaised, AlertWithdrawn
from domain.events import RecordedEvent
from domain.orders import StalkingProtectionOrder
from domain.regimes import REGIMES
from domain.vocabulary import read_instant, read_statement
from spowatch.what_if import Numbered, Simulation

LAW = Path(__file__).parents[1] / "law"
CASES = [
    case
    for name in ("law_cases.json", "own_cases.json")
    for case in json.loads((LAW / name).read_text())["cases"]
]


def orders_of(case: dict[str, Any]) -> list[StalkingProtectionOrder]:
    simulation = Simulation(REGIMES[case.get("regime", "EW-SPA-2019")])
    stated = [Numbered(i, read_statement(raw)) for i, raw in enumerate(case["given"])]
    simulation.run(stated, read_instant("as_of", case["as_of"]))
    return list(simulation.orders.values())


def life_of(order: StalkingProtectionOrder) -> list[RecordedEvent]:
    """Everything on record of the order after it was opened."""
    concluded = [*order.standing.values(), *order.withdrawn, *order.withdrawals]
    life: list[RecordedEvent] = [*order.facts, *concluded, *order.refused]
    return sorted(life, key=lambda each: each.originator_version)


def as_read(order: StalkingProtectionOrder) -> StalkingProtectionOrder:
    """The order as the desk reads it."""
    read = StalkingProtectionOrder(order.id, reference=order.reference, force=order.force)
    read.fold(each for each in life_of(order) if each.topic in WHAT_RULES_READ)
    return read


def demanded(life: list[RecordedEvent], order: StalkingProtectionOrder) -> list[Any]:
    found: list[tuple[Any, AlertRaised | AlertWithdrawn]] = []
    for recorded in life:
        found += alerts_from(recorded, order, raised_at=recorded.envelope.entered_at)
        found += withdrawals_from(recorded, order)
    return found


def test_the_rules_demand_the_same_of_what_they_read_as_of_the_whole_order() -> None:
    compared = 0
    for case in CASES:
        for order in orders_of(case):
            whole = demanded(life_of(order), order)
            assert demanded(life_of(order), as_read(order)) == whole, case["id"]
            compared += len(whole)
    assert compared > 500


@pytest.mark.parametrize("topic", ["spo.full-order-granted.v1", "spo.notification-received.v1"])
def test_terms_and_notified_words_are_not_opened(topic: str) -> None:
    assert topic not in WHAT_RULES_READ
