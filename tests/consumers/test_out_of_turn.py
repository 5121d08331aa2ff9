"""Past a backlog: every breach is looked at once, what becomes of it is as it would be in its turn."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from consumers.desk_worker import CONCERNS_THE_DESK, FIRST_BATCH, DeskWorker
from consumers.log_feed import LogFeed
from consumers.out_of_turn import AT_ONCE, FAR, OutOfTurn
from domain.alerts import AlertRaised
from domain.desk.events import AlertHeld
from domain.desk.hands import DeskRole, Hand
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import SuppressionKind, Wish
from domain.events import event_id
from domain.findings import BreachRecorded
from domain.published import OrderEvent
from spowatch.open_store import Store
from spowatch.wiring.store import now
from tests.consumers.test_desk_worker import breach_recorded, damage, parked_on, raised
from tests.store.other_processes import stored
from tests.stories import NOW, breach, fact, served_order, store_at, tell, work_until_idle

SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")


def backlog(store: Store) -> None:
    """More than the desk reads in one go, and nothing in it that concerns it."""
    store.log.insert_events([stored(uuid4()) for _ in range(2 * FIRST_BATCH)])


def desk(store: Store) -> DeskWorker:
    return DeskWorker(LogFeed("arrest-desk", store.events, store.log), store.register, now)


def finish(worker: DeskWorker) -> None:
    while worker.work(0):
        pass


Place = tuple[object, int]


def breaches_on(store: Store) -> set[Place]:
    rows = store.log.select_notifications(1, 30_000, topics=[BreachRecorded.TOPIC])
    return {(each.originator_id, each.originator_version) for each in rows}


def test_a_desk_that_dies_after_a_raise_out_of_turn_leaves_one_alert_unchanged(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        backlog(store)
        tell(store, "KENT-1", *served_order(), breach())
        assert desk(store).work(0) == FIRST_BATCH
        (alert,) = raised(store)
        assert not store.log.max_tracking_id("arrest-desk")
        finish(desk(store))
        assert raised(store) == [alert]


def test_its_turn_comes_and_there_is_nothing_left_to_do_or_to_do_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        backlog(store)
        tell(store, "KENT-1", *served_order(), breach())
        tell(store, "KENT-2", *served_order(), breach())
        head = store.log.max_notification_id()
        worker = desk(store)
        assert worker.work(0) == FIRST_BATCH
        written = store.log.max_notification_id()
        assert len(raised(store)) == 2
        finish(worker)
        assert store.log.max_notification_id() == written
        assert (store.log.max_tracking_id("arrest-desk") or 0) >= (head or 0)


def test_a_report_retracted_behind_the_same_backlog_is_told_both(tmp_path: Path) -> None:
    retraction = fact(
        "BreachRetracted", "2026-12-06T09:00:00+00:00", incident="I1", reason="wrong_person"
    )
    with store_at(tmp_path) as store:
        backlog(store)
        tell(store, "KENT-1", *served_order(), breach(incident="I1"), retraction)
        said = work_until_idle(store, "alert", "deliver")
    assert Counter(message["what"] for message in said) == {"raised": 1, "withdrawn": 1}


def test_what_a_decision_holds_back_is_held_out_of_turn_too(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        wish = Wish(
            SuppressionKind.MAINTENANCE, ["P-CONTACT-DIRECT"], "new tag", timedelta(hours=1)
        )
        SuppressionDesk(store.register).decide(wish, SUPERVISOR, NOW)
        backlog(store)
        tell(store, "KENT-1", breach())
        feed = LogFeed("arrest-desk", store.events, store.log)
        assert DeskWorker(feed, store.register, lambda: NOW).work(0) == FIRST_BATCH
        held = store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC, AlertHeld.TOPIC])
        assert [each.topic for each in held] == [AlertRaised.TOPIC, AlertHeld.TOPIC]


def test_an_order_nobody_can_read_is_parked_out_of_turn_once_and_stops_no_other(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        backlog(store)
        tell(store, "KENT-1", *served_order(), breach())
        found_at = breach_recorded(store, "KENT-1")
        damage(store, "KENT-1", version=2)
        tell(store, "KENT-2", *served_order(), breach())
        worker = desk(store)
        worker.work(0)
        assert [each.reference for each in raised(store)] == ["KENT-2"]
        assert [each.version for each in parked_on(store)] == [found_at]
        finish(worker)
        assert [each.reference for each in raised(store)] == ["KENT-2"]
        assert [each.version for each in parked_on(store)].count(found_at) == 1


def test_two_desks_behind_the_same_backlog_raise_each_alert_once(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        backlog(store)
        tell(store, "KENT-1", *served_order(), breach())
        first, second = desk(store), desk(store)
        while first.work(0) + second.work(0):
            pass
        assert len(raised(store)) == 1


def test_of_one_order_alerts_are_raised_in_the_order_of_what_was_found(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(incident="I1"))
        backlog(store)
        tell(store, "KENT-1", breach(incident="I2"))
        assert desk(store).work(0) == FIRST_BATCH
        rows = store.log.select_notifications(1, 1000, topics=[BreachRecorded.TOPIC])
        found = [event_id(each.originator_id, each.originator_version) for each in rows]
        assert [each.cause for each in raised(store)] == found


def test_of_an_order_nobody_can_read_only_what_waits_is_parked(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(incident="I1"))
        finish(desk(store))
        backlog(store)
        tell(store, "KENT-1", breach(incident="I2"))
        *_, last = store.log.select_notifications(1, 30_000, topics=[BreachRecorded.TOPIC])
        damage(store, "KENT-1", version=2)
        desk(store).work(0)
        assert [each.version for each in parked_on(store)] == [last.originator_version]


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Store]:
    """Behind a backlog, more breaches than are brought forward in one go, and one far behind them."""
    with store_at(tmp_path) as store:
        reports = [breach(incident=f"I-{number}") for number in range(2 * AT_ONCE + 5)]
        tell(store, "KENT-1", *served_order(), *reports)
        store.log.insert_events([stored(uuid4()) for _ in range(FAR + 1)])
        tell(store, "KENT-2", *served_order(), breach())
        yield store


def test_each_place_is_looked_over_once_and_none_is_left_out(many: Store) -> None:
    out, first = OutOfTurn(many.log, CONCERNS_THE_DESK), many.log.select_references(0, 2)
    found: list[set[Place]] = []

    def take(urgent: Sequence[OrderEvent]) -> bool:
        found.append({(each.stream_id, each.version) for each in urgent})
        return True

    for _ in range(5):
        out.bring_forward(first, take)
    assert set().union(*found) == breaches_on(many)
    assert [len(some) for some in found] == [AT_ONCE, AT_ONCE, 5, 1]


def test_what_could_not_be_raised_is_looked_for_again(many: Store) -> None:
    out, first = OutOfTurn(many.log, CONCERNS_THE_DESK), many.log.select_references(0, 2)
    tried: list[Sequence[OrderEvent]] = []

    def fail(urgent: Sequence[OrderEvent]) -> bool:
        tried.append(urgent)
        return False

    out.bring_forward(first, fail)
    out.bring_forward(first, fail)
    assert len(tried) == 2
    assert tried[0] == tried[1] != []


def test_what_the_desk_has_passed_meanwhile_is_not_looked_over_again(many: Store) -> None:
    out, found = OutOfTurn(many.log, CONCERNS_THE_DESK), list[Sequence[OrderEvent]]()

    def take(urgent: Sequence[OrderEvent]) -> bool:
        found.append(urgent)
        return True

    (*_, behind, _) = many.log.select_notifications(1, 30_000, topics=[BreachRecorded.TOPIC])
    out.bring_forward(many.log.select_references(0, 2), take)
    for _ in range(2):
        out.bring_forward(many.log.select_references(behind.id, 2), take)
    assert [len(each) for each in found] == [AT_ONCE, 1]
