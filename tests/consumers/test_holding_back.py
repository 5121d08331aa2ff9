"""What a decision on record holds back is raised all the same, on either road; priority 1 never is held."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.reconciler import GRACE
from domain.alerts import AlertRaised
from domain.desk.case import AlertCase
from domain.desk.hands import DeskRole, Hand
from domain.desk.rota import Rota
from domain.desk.shift_desk import ShiftDesk
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import Decision, SuppressionDecided, SuppressionKind, Wish
from domain.dossier import order_id
from domain.open_alerts import open_alerts
from domain.refusals import Refused
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.wiring.store import now
from tests.consumers.test_reconciler import reconciling
from tests.stories import NOW, breach, served_order, store_at, tell

SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")
OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "CR-7")
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        yield store


def hold(store: Store, order: str | None = None, at: Any = NOW) -> Decision:
    about = None if order is None else order_id(order)
    terms = ["P-CONTACT-DIRECT"]
    wish = Wish(SuppressionKind.MAINTENANCE, terms, "tag being replaced", HOUR, about)
    return SuppressionDesk(store.register).decide(wish, SUPERVISOR, at)


def raised(store: Store, **more: Any) -> AlertCase:
    """The alert for a contact breach, raised by the desk a minute after the decision."""
    tell(store, "KENT-1", breach(**more))
    with role("alert", store, lambda _: None, lambda: NOW + HOUR / 60) as work:
        while work(0):
            pass
    (case,) = open_alerts(store.register)
    return case


def test_it_is_raised_and_held_until_the_decision_ends(store: Store) -> None:
    decision = hold(store)
    case = raised(store)
    assert case.holding.until == decision.ends == NOW + HOUR
    assert (case.escalation.running, case.next_change) == (False, NOW + HOUR)


def test_people_are_told_at_once_when_the_decision_is_ended(store: Store) -> None:
    decision = hold(store)
    raised(store)
    ended = NOW + HOUR / 2
    SuppressionDesk(store.register).end(decision.id, OPERATOR, open_alerts(store.register), ended)
    (case,) = open_alerts(store.register)
    assert case.next_change == ended
    tell(store, "KENT-1", breach("2026-12-03T21:00:00+00:00", t="2026-12-03T22:00:00+00:00"))
    with role("alert", store, lambda _: None, lambda: ended + HOUR / 60) as work:
        work(0)
    assert [each.holding.until for each in open_alerts(store.register)] == [ended, None]


def test_whoever_is_not_on_duty_decides_ends_and_takes_over_nothing(store: Store) -> None:
    decision = hold(store)
    nobody = {"Kent": Rota(force="Kent")}
    desk = SuppressionDesk(store.register, rotas=nobody)
    wish = Wish(SuppressionKind.MAINTENANCE, ["P-CONTACT-DIRECT"], "again", HOUR)
    with pytest.raises(Refused, match="NOT_ON_DUTY"):
        desk.decide(wish, SUPERVISOR, NOW)
    with pytest.raises(Refused, match="NOT_ON_DUTY"):
        desk.end(decision.id, OPERATOR, [], NOW)
    shift = ShiftDesk(store.register, rotas=nobody)
    left = shift.prepare(OPERATOR, [], NOW)
    with pytest.raises(Refused, match="NOT_ON_DUTY"):
        shift.accept(left.id, decision.id, SUPERVISOR, NOW)
    with pytest.raises(Refused, match="NOT_ON_DUTY"):
        shift.sign(left.id, SUPERVISOR, NOW)


def test_priority_1_is_held_by_no_decision(store: Store) -> None:
    hold(store)
    assert raised(store, markers=["weapon"]).holding.until is None


def test_a_decision_for_another_order_holds_nothing_of_this(store: Store) -> None:
    hold(store, "KENT-2")
    assert raised(store).holding.until is None


def test_a_desk_that_runs_hears_of_a_new_decision(store: Store) -> None:
    with role("alert", store, lambda _: None, lambda: NOW + HOUR / 60) as work:
        tell(store, "KENT-1", breach("2026-12-03T21:00:00+00:00", t="2026-12-03T22:00:00+00:00"))
        work(0)
        hold(store)
        tell(store, "KENT-1", breach())
        work(0)
    assert [each.holding.until for each in open_alerts(store.register)] == [None, NOW + HOUR]


def test_a_decision_nobody_can_read_holds_nothing_back_and_stops_no_alert(store: Store) -> None:
    hold(store)
    with closing(sqlite3.connect(store.settings.log_path)) as log, log:
        topic = (SuppressionDecided.TOPIC,)
        assert log.execute("UPDATE events SET state = x'00' WHERE topic = ?", topic).rowcount == 1
    assert raised(store).holding.until is None


def test_on_the_second_road_it_is_held_alike(store: Store) -> None:
    """The desk is dead. The reconciler raises it, and a second one adds nothing."""
    decision = hold(store, at=now())
    tell(store, "KENT-1", breach())
    for _ in range(2):
        with reconciling(store) as reconciler:
            reconciler.after(GRACE)
    (case,) = open_alerts(store.register)
    assert (case.holding.until, case.version) == (decision.ends, 2)
    assert len(store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])) == 1
