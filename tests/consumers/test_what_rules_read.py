"""The desk reads of an order only what its rules need; with all of it they demand the same."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consumers.alert_rules import WHAT_RULES_READ, WORDS_RULES_READ
from consumers.arrest_desk import alerts_from, withdrawals_from
from domain.alerts import AlertRaised, AlertWithdrawn
from domain.events import RecordedEvent
from domain.orders import StalkingProtectionOrder
from domain.regimes import REGIMES
from domain.vocabulary import read_instant, read_statement
from spowatch.store.keys import KeyStore
from spowatch.store.keys_sqlite import migrate_keys, sqlite_keys
from spowatch.store.mapper import EventMapper
from spowatch.store.vault import protected_key_id
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


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    migrate_keys(tmp_path / "keys.db", bytes(32))
    with closing(sqlite_keys(tmp_path / "keys.db", bytes(32))) as opened:
        yield opened


def as_read(order: StalkingProtectionOrder, mapper: EventMapper) -> StalkingProtectionOrder:
    """The order as the desk reads it: some of its events, and of their words few."""
    read = StalkingProtectionOrder(order.id, reference=order.reference, force=order.force)
    life = [of_a_person(each) for each in life_of(order) if each.topic in WHAT_RULES_READ]
    kept = [mapper.to_stored_event(each) for each in life]
    read.fold(mapper.to_domain_event(each, words=WORDS_RULES_READ) for each in kept)
    return read


def of_a_person(recorded: RecordedEvent) -> RecordedEvent:
    """As it is kept: here the order's id stands for whom it is about."""
    envelope = replace(recorded.envelope, subject_id=recorded.originator_id)
    return replace(recorded, envelope=envelope)


def demanded(life: list[RecordedEvent], order: StalkingProtectionOrder) -> list[Any]:
    found: list[tuple[Any, AlertRaised | AlertWithdrawn]] = []
    for recorded in life:
        found += alerts_from(recorded, order, raised_at=recorded.envelope.entered_at)
        found += withdrawals_from(recorded, order)
    return found


def test_the_rules_demand_the_same_of_what_they_read_as_of_the_whole_order(
    keys: KeyStore,
) -> None:
    compared, mapper = 0, EventMapper(keys, upcasters={})
    played = [(case["id"], order) for case in CASES for order in orders_of(case)]
    keys.create({key for _, order in played for key in (order.id, protected_key_id(order.id))})
    for name, order in played:
        whole = demanded(life_of(order), order)
        assert demanded(life_of(order), as_read(order, mapper)) == whole, name
        compared += len(whole)
    assert compared > 500


@pytest.mark.parametrize("topic", ["spo.full-order-granted.v1", "spo.notification-received.v1"])
def test_terms_and_notified_words_are_not_opened(topic: str) -> None:
    assert topic not in WHAT_RULES_READ
