"""An alert and the beginning of its escalation are one transaction, on either road."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.desk_worker import DeskWorker
from consumers.log_feed import LogFeed
from consumers.reconciler import GRACE
from domain.alerts import AlertRaised
from domain.desk.case import AlertCase
from domain.desk.events import EscalationStarted
from domain.desk.policies import STANDARD
from domain.open_alerts import open_alerts
from spowatch.open_store import Store
from spowatch.policy_file import NoPolicy, PolicyFile, policies_of
from tests.consumers.test_reconciler import reconciling
from tests.stories import NOW, breach, served_order, store_at, tell

TOGETHER = [AlertRaised.TOPIC, EscalationStarted.TOPIC]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        yield store


def desk(store: Store) -> DeskWorker:
    feed = LogFeed("arrest-desk", store.events, store.log)
    return DeskWorker(feed, store.register, lambda: NOW)


def written_since(store: Store, head: int) -> list[str]:
    return [each.topic for each in store.events.read(head, limit=100, wait=0)]


def escalating(store: Store) -> AlertCase:
    (case,) = open_alerts(store.register)
    return case


def test_the_desk_raises_an_alert_with_its_escalation_running(store: Store) -> None:
    head = store.log.max_notification_id() or 0
    desk(store).work(0)
    case = escalating(store)
    assert written_since(store, head) == TOGETHER
    first = STANDARD[case.priority].steps[0]
    assert case.escalation.next_due == NOW + timedelta(seconds=first.after)


def test_so_does_the_second_road(store: Store) -> None:
    head = store.log.max_notification_id() or 0
    with reconciling(store) as road:
        road.after(GRACE)
    assert written_since(store, head) == TOGETHER
    assert escalating(store).escalation.running


def test_a_second_desk_begins_no_second_escalation(store: Store) -> None:
    head = store.log.max_notification_id() or 0
    first, second = desk(store), desk(store)
    for each in (first, second):
        while each.work(0):
            pass
    assert written_since(store, head) == TOGETHER


def test_where_no_policy_could_be_taken_people_are_told_by_the_standard_ones(
    tmp_path: Path,
) -> None:
    broken = tmp_path / "policy.toml"
    broken.write_text("not a policy", encoding="utf-8")
    assert policies_of(PolicyFile(broken, tmp_path / "kept.toml"), "Kent") == STANDARD
    assert policies_of(NoPolicy(), "Kent") == STANDARD
