"""What happens to an alert after it was raised reaches consoles and receivers: under its id, with the step."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alerts import AlertRaised
from domain.desk.case import AlertCase
from domain.desk.desk import AlertDesk
from domain.desk.hands import DeskRole, Hand
from domain.desk.reading import read_case
from domain.desk.steps import Accept, Acknowledge, Offer, Reject, SendUnit
from domain.open_alerts import open_alerts
from tests.consumers.outside import Outside
from tests.consumers.test_home_forces import Room
from tests.servers.receiver import receiving
from tests.stories import breach, fact, served_order, store_at, tell, work_until_idle

OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "CR-7")
ESSEX = Hand("E1001", DeskRole.OPERATOR, "Essex", "CR-3")


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with store_at(tmp_path) as store, receiving() as endpoint:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        yield Outside(store, endpoint)


@pytest.fixture
def case(outside: Outside) -> AlertCase:
    (case,) = open_alerts(outside.store.register)
    return case


Said = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def room(outside: Outside, tmp_path: Path) -> Iterator[Said]:
    """What the console of that force says anew."""
    forces = ("Kent", "Essex", "Sussex")
    rooms = {force: Room(tmp_path / force, outside.store, force) for force in forces}
    heard = dict.fromkeys(forces, 0)

    def said(force: str) -> list[dict[str, Any]]:
        everything = rooms[force].said()
        news, heard[force] = everything[heard[force] :], len(everything)
        return news

    yield said
    for each in rooms.values():
        each.close()


def pass_time(outside: Outside, case: AlertCase, **passed: float) -> None:
    assert case.raised is not None
    now = read_case(outside.store.register, case.id)
    now.advance(case.raised.raised_at + timedelta(**passed))
    outside.store.register.keep([now])


def do(outside: Outside, case: AlertCase, hand: Hand, step: Any) -> None:
    assert case.raised is not None
    AlertDesk(outside.store.register).do(case.id, hand, case.raised.raised_at, step)


def sent(outside: Outside) -> list[dict[str, Any]]:
    outside.endpoint.reached.clear()
    for urgent in (True, False):
        lane = outside.lane(urgent=urgent)
        while lane.work(0):
            pass
    return [each["data"] for each in outside.told]


def test_each_step_of_the_policy_is_told_under_the_alerts_id_with_its_number(
    outside: Outside, case: AlertCase, room: Said
) -> None:
    room("Kent")
    assert [each["step"] for each in sent(outside)] == [None]
    pass_time(outside, case, minutes=21)
    said, out = room("Kent"), sent(outside)
    assert [(each["what"], each["step"], each["tells"]) for each in said] == [
        ("escalated", 1, "supervisor"),
        ("escalated", 2, "duty_officer"),
    ]
    assert [(each["what"], each["step"]) for each in out] == [("escalated", 1), ("escalated", 2)]
    assert {each["alert"] for each in said} == {each["id"] for each in out} == {str(case.id)}
    assert room("Kent") == []


def test_a_further_breach_sounds_again(outside: Outside, case: AlertCase, room: Said) -> None:
    room("Kent")
    tell(
        outside.store, "KENT-1", breach("2026-12-06T09:00:00+00:00", t="2026-12-06T09:10:00+00:00")
    )
    work_until_idle(outside.store, "alert", "episodes")
    assert {(each["what"], each["priority"]) for each in room("Kent")} >= {("resounded", 1)}


def test_that_the_protected_person_was_not_told_in_time_is_told_to_the_supervisor(
    outside: Outside, case: AlertCase, room: Said
) -> None:
    do(outside, case, OPERATOR, Acknowledge())
    do(outside, case, OPERATOR, SendUnit(unit="KA21", incident="C-1"))
    room("Kent")
    sent(outside)
    pass_time(outside, case, hours=5)
    said, out = room("Kent"), sent(outside)
    (overdue,) = [each for each in said if each["what"] == "telling_overdue"]
    assert (overdue["alert"], overdue["tells"]) == (str(case.id), "supervisor")
    assert "telling_overdue" in {each["what"] for each in out}


def test_of_an_alert_that_is_over_no_step_is_said(
    outside: Outside, case: AlertCase, room: Said
) -> None:
    room("Kent")
    pass_time(outside, case, minutes=6)
    tell(outside.store, "KENT-1", fact("BreachRetracted", "2026-12-06T11:00:00+00:00"))
    work_until_idle(outside.store, "alert")
    assert [each["what"] for each in room("Kent")] == ["withdrawn"]


def test_the_receiving_force_is_told_and_the_old_one_sees_that_it_went(
    outside: Outside, case: AlertCase, room: Said
) -> None:
    assert [each["what"] for each in room("Kent")] == ["raised"]
    assert room("Essex") == []
    do(outside, case, OPERATOR, Acknowledge())
    do(outside, case, OPERATOR, Offer(to_force="Essex", reason="he lives there"))
    assert [each["what"] for each in room("Essex")] == ["transfer_offered"]
    do(outside, case, ESSEX, Accept())
    for force, news in (("Kent", 2), ("Essex", 1)):
        *_, last = said = room(force)
        assert len(said) == news
        assert (last["what"], last["held_by"]) == ("transfer_accepted", "Essex")
        assert last["instruction"] == "Essex has taken this alert over from Kent."
        assert last["order"] == "KENT-1"
    assert room("Sussex") == []


def test_what_comes_after_a_transfer_is_told_to_the_force_that_has_it_now(
    outside: Outside, case: AlertCase, room: Said
) -> None:
    do(outside, case, OPERATOR, Acknowledge())
    do(outside, case, OPERATOR, Offer(to_force="Essex", reason="he lives there"))
    do(outside, case, ESSEX, Accept())
    room("Essex")
    pass_time(outside, case, minutes=31)
    assert ("escalated", "Essex") in {(each["what"], each["held_by"]) for each in room("Essex")}


def test_whoever_asked_is_told_that_it_was_not_taken(
    outside: Outside, case: AlertCase, room: Said
) -> None:
    do(outside, case, OPERATOR, Acknowledge())
    do(outside, case, OPERATOR, Offer(to_force="Essex", reason="he lives there"))
    room("Kent")
    do(outside, case, ESSEX, Reject(reason="he moved on"))
    (said,) = room("Kent")
    assert (
        said["instruction"] == "The other force did not take this alert over. It stays with Kent."
    )
    assert "moved on" not in str(said)


def test_nothing_of_it_is_a_second_alert(outside: Outside, case: AlertCase) -> None:
    pass_time(outside, case, hours=2)
    raised = outside.store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])
    assert len(raised) == 1
