"""A new breach makes the open alerts of the same person sound again, once, and nobody else's."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consumers.episodes import Episodes
from consumers.log_feed import LogFeed
from domain.alerts import BREACHES, AlertRaised
from domain.desk.case import AlertCase
from domain.desk.hands import DeskRole, Hand
from domain.desk.policies import STANDARD
from domain.parked import EventParked
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
    found = [store.register.read(AlertCase(each.originator_id)) for each in raised]  # type: ignore[arg-type]  # never text here
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


def broken_at_once(store: Store, order: str, count: int) -> None:
    acts = [breach(incident=f"{order}-{number}") for number in range(count)]
    tell(store, order, *served_order(), *acts)


def test_what_came_at_once_sounds_again_in_one_transaction(store: Store) -> None:
    for order in ("KENT-1", "KENT-2"):
        broken_at_once(store, order, 4)
    work_until_idle(store, "alert")
    turn = store.log.watch.turn
    again(store)
    assert store.log.watch.turn == turn + 1
    first, second = cases(store)[:4], cases(store)[4:]
    for alerts in (first, second):
        later = [{each.id for each in alerts[number + 1 :]} for number in range(4)]
        assert [each.resounded for each in alerts] == later


def test_an_alert_that_cannot_be_read_keeps_no_other_person_from_it(store: Store) -> None:
    for order in ("KENT-1", "KENT-2"):
        broken_at_once(store, order, 2)
    work_until_idle(store, "alert")
    spoiled, _, earlier, later = cases(store)
    with closing(sqlite3.connect(store.settings.log_path)) as log, log:
        log.execute(
            "UPDATE events SET state = x'00' WHERE originator_id = ? AND originator_version = 2",
            (spoiled.id.bytes,),
        )
    again(store)
    assert store.register.read(AlertCase(earlier.id)).resounded == {later.id}
    assert len(store.log.select_notifications(1, 1000, topics=[EventParked.TOPIC])) == 2


def test_an_alert_that_somebody_takes_meanwhile_sounds_again_with_the_others(store: Store) -> None:
    broken_at_once(store, "KENT-1", 3)
    work_until_idle(store, "alert")
    first, second, third = cases(store)
    taking: list[AlertCase] = []

    def now() -> datetime:
        """Asked between the reading and the saving."""
        for case in taking:
            case.acknowledge(OPERATOR, NOW)
            store.register.keep([case])
        taking.clear()
        return NOW

    episodes = Episodes(LogFeed("episodes", store.events, store.log), store.register, now)
    taking.append(store.register.read(AlertCase(first.id)))
    while episodes.work(0):
        pass
    assert taking == []
    assert [each.resounded for each in cases(store)] == [{second.id, third.id}, {third.id}, set()]
