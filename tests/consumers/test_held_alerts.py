"""An alert that a decision holds back is neither said nor sent until the hold ends, and then once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alerts import Priority
from domain.desk.case import AlertCase
from domain.desk.desk import AlertDesk
from domain.desk.hands import DeskRole, Hand
from domain.desk.reading import read_case
from domain.desk.steps import Acknowledge, SetPriority
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import SuppressionKind, Wish
from domain.open_alerts import open_alerts
from domain.refusals import Refused
from spowatch.running.register import role
from tests.consumers.outside import Outside
from tests.servers.receiver import receiving
from tests.stories import NOW, breach, fact, served_order, store_at, tell, work_until_idle

SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")
OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "CR-7")
HOUR = timedelta(hours=1)


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with store_at(tmp_path) as store, receiving() as endpoint:
        tell(store, "KENT-1", *served_order())
        yield Outside(store, endpoint)


def told(outside: Outside) -> tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]:
    """What the console says anew, and what is sent: what it is, at which priority."""
    said = [(each["what"], each["priority"]) for each in work_until_idle(outside.store, "deliver")]
    outside.endpoint.reached.clear()
    for urgent in (True, False):
        lane = outside.lane(urgent=urgent)
        while lane.work(0):
            pass
    sent = [(each["data"]["what"], each["data"]["priority"]) for each in outside.told]
    return said, sent


def hold(outside: Outside, kind: str = "maintenance", term: str = "P-CONTACT-DIRECT") -> Any:
    wish = Wish(SuppressionKind(kind), [term], "tag being replaced", HOUR)
    return SuppressionDesk(outside.store.register).decide(wish, SUPERVISOR, NOW)


def broken(outside: Outside, **more: Any) -> AlertCase:
    tell(outside.store, "KENT-1", breach(**more))
    with role("alert", outside.store, lambda _: None, lambda: NOW) as work:
        while work(0):
            pass
    *_, case = open_alerts(outside.store.register)
    return case


def pass_time(outside: Outside, case: AlertCase, passed: timedelta) -> None:
    """What the sweep records when it is time."""
    now = read_case(outside.store.register, case.id)
    now.advance(NOW + passed)
    outside.store.register.keep([now])


def test_nobody_is_told_while_it_is_held_and_everybody_once_when_it_ends(outside: Outside) -> None:
    hold(outside)
    case = broken(outside)
    assert told(outside) == ([], [])
    pass_time(outside, case, HOUR)
    assert told(outside) == ([("raised", 2)], [("raised", 2)])
    assert told(outside) == ([], [])
    assert outside.ids == []


def test_it_goes_out_under_the_alerts_own_id(outside: Outside) -> None:
    hold(outside)
    case = broken(outside)
    pass_time(outside, case, HOUR)
    told(outside)
    assert outside.ids == [str(case.id)]


def test_people_are_told_at_once_when_it_becomes_priority_1(outside: Outside) -> None:
    hold(outside)
    case = broken(outside)
    assert told(outside) == ([], [])
    raised = SetPriority(priority=1, reason="seen at her door")
    AlertDesk(outside.store.register).do(case.id, OPERATOR, NOW, raised)
    assert told(outside) == ([("raised", 1)], [("raised", 1)])


def test_people_are_told_at_once_when_the_decision_is_ended(outside: Outside) -> None:
    decision = hold(outside)
    case = broken(outside)
    register = outside.store.register
    SuppressionDesk(register).end(decision.id, OPERATOR, open_alerts(register), NOW + HOUR / 2)
    pass_time(outside, case, HOUR / 2)
    assert told(outside) == ([("raised", 2)], [("raised", 2)])


def test_a_lane_that_was_down_all_the_time_sends_it_once(outside: Outside) -> None:
    hold(outside)
    case = broken(outside)
    pass_time(outside, case, HOUR)
    raised = SetPriority(priority=1, reason="seen at her door")
    AlertDesk(outside.store.register).do(case.id, OPERATOR, NOW + HOUR, raised)
    assert told(outside) == ([("raised", 1)], [("raised", 2)])


def test_priority_1_is_told_at_once_whatever_was_decided(outside: Outside) -> None:
    hold(outside)
    broken(outside, markers=["weapon"])
    assert told(outside) == ([("raised", 1)], [("raised", 1)])


def test_custody_holds_no_contact(outside: Outside) -> None:
    with pytest.raises(Refused, match="CUSTODY_NEVER_HOLDS_CONTACT"):
        hold(outside, "custody")
    hold(outside, "custody", "P-ZONE-DIST")
    tell(outside.store, "KENT-1", fact("CustodyStarted", "2026-12-01T10:00:00+00:00"))
    broken(outside)
    said, sent = told(outside)
    assert [what for what, _ in said] == [what for what, _ in sent] == ["raised", "raised"]


def test_what_was_withdrawn_while_it_was_held_was_never_news(outside: Outside) -> None:
    hold(outside)
    case = broken(outside, incident="I-1")
    tell(
        outside.store,
        "KENT-1",
        fact("BreachRetracted", "2026-12-06T11:00:00+00:00", incident="I-1"),
    )
    work_until_idle(outside.store, "alert")
    pass_time(outside, case, HOUR)
    assert told(outside) == ([], [])


def test_one_taken_while_it_is_held_stays_quiet_until_then(outside: Outside) -> None:
    hold(outside)
    case = broken(outside)
    AlertDesk(outside.store.register).do(case.id, OPERATOR, NOW, Acknowledge())
    assert told(outside) == ([], [])
    assert read_case(outside.store.register, case.id).priority == Priority.PROMPT
