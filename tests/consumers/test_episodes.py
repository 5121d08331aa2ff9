"""A new breach makes the open alerts of the same person sound again, once, and nobody else's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consumers.episodes import Episodes
from consumers.log_feed import LogFeed
from domain.alerts import BREACHES, AlertRaised
from domain.desk.case import AlertCase
from domain.desk.hands import DeskRole, Hand
from domain.desk.policies import STANDARD
from spowatch.open_store import Store
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle

OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "CR-7")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as store:
        yield store


def again(store: Store) -> None:
    episodes = Episodes(LogFeed("episodes", store.events, store.log), store.register, lambda: NOW)
    while episodes.work(0):
        pass


def broken(store: Store, order: str, number: float, **case: str) -> None:
    """Broken so many days after the 22nd."""
    at = datetime(2026, 11, 22, 21, tzinfo=UTC) + timedelta(days=number)
    reported = (at + timedelta(hours=1)).isoformat()
    tell(store, order, breach(at.isoformat(), t=reported, incident=f"I-{number}"), now=NOW, **case)
    work_until_idle(store, "alert")


def cases(store: Store) -> list[AlertCase]:
    raised = store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])
    found = [store.register.read(AlertCase(each.originator_id)) for each in raised]  # type: ignore[arg-type]
    return [each for each in found if each.raised is not None and each.raised.code in BREACHES]


def test_whoever_has_the_earlier_alert_must_take_it_again(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    broken(store, "KENT-1", 1)
    again(store)
    (first,) = cases(store)
    first.acknowledge(OPERATOR, NOW)
    store.register.keep([first])
    broken(store, "KENT-1", 2)
    again(store)
    first, second = cases(store)
    assert first.ownership.staff is None
    assert first.resounded == {second.id}
    assert second.resounded == set()


def test_the_earlier_alert_becomes_as_urgent_as_the_new_breach(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    broken(store, "KENT-1", 1)
    broken(store, "KENT-1", 1.5)
    assert [each.priority for each in cases(store)] == [2, 1]
    own = {1: STANDARD[1].model_copy(update={"name": "kent-immediate"})}
    store.register.policies_of = {"Kent": own}.__getitem__
    again(store)
    assert [each.priority for each in cases(store)] == [1, 1]
    policy = cases(store)[0].escalation.policy
    assert policy is not None
    assert policy.name == "kent-immediate"


def test_another_order_of_the_same_person_counts(store: Store) -> None:
    for order in ("KENT-1", "KENT-2"):
        tell(store, order, *served_order(), person="P-1")
    broken(store, "KENT-1", 1, person="P-1")
    broken(store, "KENT-2", 2, person="P-1")
    again(store)
    assert [len(each.resounded) for each in cases(store)] == [1, 0]


def test_another_persons_alert_stays_as_it_is(store: Store) -> None:
    for order in ("KENT-1", "KENT-2"):
        tell(store, order, *served_order())
        broken(store, order, 1)
    again(store)
    assert [each.resounded for each in cases(store)] == [set(), set()]


def test_told_twice_it_sounds_once(store: Store) -> None:
    tell(store, "KENT-1", *served_order())
    broken(store, "KENT-1", 1)
    broken(store, "KENT-1", 2)
    again(store)
    version = cases(store)[0].version
    other = Episodes(LogFeed("episodes-2", store.events, store.log), store.register, lambda: NOW)
    while other.work(0):
        pass
    assert cases(store)[0].version == version
