"""Messages to the outside: one id each, none lost, none standing before priority 1."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.circuit_breaker import OPENS_AFTER
from domain.desk.case import AlertCase
from domain.desk.deliveries import ANSWER_WITHIN, Delivery, DeliveryState
from domain.desk.hands import DeskRole, Hand
from domain.desk.receivers import ReceiverRecord, receiver_stream
from domain.open_alerts import open_alerts
from tests.consumers.outside import Outside
from tests.servers.receiver import receiving
from tests.stories import breach, store_at, tell, work_until_idle


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with store_at(tmp_path) as store, receiving() as endpoint:
        yield Outside(store, endpoint)


def test_a_breach_is_told_once_under_the_alerts_own_id(outside: Outside) -> None:
    outside.breaches(1)
    lane = outside.lane()
    assert lane.work(0) == 1
    assert lane.work(0) == 0
    assert outside.lane().work(0) == 0
    (told,) = outside.told
    assert told["id"] == told["data"]["id"] == outside.ids[0]


def test_what_was_not_taken_is_sent_again_under_the_same_id(outside: Outside) -> None:
    outside.breaches(1)
    outside.endpoint.script = deque(["drop", 503])
    lane = outside.lane()
    lane.work(0)
    assert lane.work(0) == 0
    outside.clock.pass_time(seconds=2)
    lane.work(0)
    outside.clock.pass_time(seconds=4)
    lane.work(0)
    assert len(outside.ids) == 3
    assert len(set(outside.ids)) == 1
    outside.clock.pass_time(hours=1)
    assert lane.work(0) == 0


def test_a_sender_killed_in_mid_send_makes_one_more_attempt(outside: Outside) -> None:
    outside.breaches(1)
    killed = outside.lane()
    killed._read(0)
    delivery = outside.store.register.read(Delivery(killed._waiting[0].delivery))
    delivery.attempt(outside.clock())
    outside.store.register.keep([delivery])
    lane = outside.lane()
    assert lane.work(0) == 0
    outside.clock.pass_time(seconds=ANSWER_WITHIN.total_seconds())
    assert lane.work(0) == 1
    again = outside.store.register.read(Delivery(delivery.id))
    assert (again.attempts, again.state) == (2, DeliveryState.ACCEPTED)


def test_two_senders_make_one_attempt(outside: Outside) -> None:
    outside.breaches(3)
    first, second = outside.lane(), outside.lane()
    first._read(0)
    second._read(0)
    assert first.work(0) + second.work(0) == 3
    assert len(set(outside.ids)) == len(outside.ids) == 3


def test_a_message_that_never_works_keeps_no_other_waiting(outside: Outside) -> None:
    outside.breaches(3)
    outside.endpoint.script = deque([500, 204, 204])
    lane = outside.lane()
    lane.work(0)
    assert len(set(outside.ids)) == 3
    behind = lane._bookmark
    outside.clock.pass_time(seconds=2)
    lane.work(0)
    assert lane._bookmark > behind


def test_priority_1_has_a_lane_of_its_own(outside: Outside) -> None:
    outside.breaches(1)
    tell(outside.store, "KENT-1", breach(incident="I-9", markers=["weapon"]))
    work_until_idle(outside.store, "alert")
    assert outside.lane(urgent=True).work(0) == 1
    assert outside.told[0]["data"]["priority"] == 1
    outside.lane().work(0)
    assert outside.told[1]["data"]["priority"] == 2


def test_one_that_takes_nothing_is_put_before_a_person_and_taken_back(outside: Outside) -> None:
    outside.breaches(OPENS_AFTER)
    outside.endpoint.script = deque([503] * OPENS_AFTER)
    lane = outside.lane()
    lane.work(0)
    assert record(outside).failing
    said = work_until_idle(outside.store, "deliver")
    assert [each["receiver"] for each in said if each["code"] == "RECEIVER_FAILING"] == ["cad"]
    outside.clock.pass_time(seconds=2)
    lane.work(0)
    assert not record(outside).failing


def test_one_that_is_gone_is_sent_nothing_more_until_we_are_started_again(outside: Outside) -> None:
    outside.breaches(2)
    outside.endpoint.script = deque([410])
    lane = outside.lane()
    lane.work(0)
    assert record(outside).gone
    assert len(outside.endpoint.reached) == 1
    outside.clock.pass_time(hours=1)
    assert lane.work(0) == 0
    assert outside.lane().work(0) == 1
    assert not record(outside).gone


def test_a_receiver_hears_of_its_own_force_alone(outside: Outside) -> None:
    outside.breaches(1)
    assert outside.lane(forces=frozenset({"Essex"})).work(0) == 0
    assert outside.lane(least=1).work(0) == 0


def test_a_receiver_hears_of_what_happened_in_its_area(outside: Outside) -> None:
    outside.breaches(1)
    tell(outside.store, "KENT-1", breach(incident="I-9", place="High Street, Chelmsford"))
    work_until_idle(outside.store, "alert")
    essex = outside.lane(forces=frozenset({"Essex"}))
    assert essex.work(0) == 1
    (told,) = outside.told
    assert told["data"]["order"] == "KENT-1"


def test_one_that_is_down_is_asked_now_and_then_and_told_everything_when_it_is_up(
    outside: Outside,
) -> None:
    outside.breaches(OPENS_AFTER + 2)
    outside.endpoint.script = deque([503] * (OPENS_AFTER + 2))
    lane = outside.lane()
    assert lane.work(0) == OPENS_AFTER
    outside.clock.pass_time(seconds=2)
    assert lane.work(0) == 1
    outside.clock.pass_time(seconds=2)
    assert lane.work(0) == 0
    outside.clock.pass_time(seconds=2)
    assert lane.work(0) == 1
    outside.clock.pass_time(minutes=5)
    lane.work(0)
    assert len(set(outside.ids)) == OPENS_AFTER + 2
    assert not record(outside).failing


def test_a_withdrawal_never_comes_before_what_it_withdraws(outside: Outside) -> None:
    outside.breaches(2)
    outside.endpoint.script = deque([503, 204, 503])
    lane = outside.lane()
    assert lane.work(0) == 2
    retracted(outside)
    assert lane.work(0) == 0
    for seconds in (2, 4):
        assert lane._until_due() == seconds
        outside.clock.pass_time(seconds=seconds)
        lane.work(0)
    lane.work(0)
    assert said_of_the_first(outside) == ["alert.raised"] * 3 + ["alert.withdrawn"]
    assert lane._until_due() == float("inf")


def retracted(outside: Outside) -> None:
    """The first of the breaches; its alert is withdrawn."""
    data = {"incident": "I-0", "reason": "wrong_person"}
    at = "2026-12-06T09:00:00+00:00"
    tell(outside.store, "KENT-1", {"t": at, "type": "BreachRetracted", "data": data})
    work_until_idle(outside.store, "alert")


def said_of_the_first(outside: Outside) -> list[str]:
    return [each["type"] for each in outside.told if each["data"]["id"] == outside.ids[0]]


def test_a_withdrawal_waits_a_minute_for_what_is_never_taken_and_then_goes_alone(
    outside: Outside,
) -> None:
    outside.breaches(2)
    outside.endpoint.script = deque([500, 204, *[500] * 4])
    lane = outside.lane()
    lane.work(0)
    retracted(outside)
    for seconds in (0, 2, 4, 8, 16):
        outside.clock.pass_time(seconds=seconds)
        lane.work(0)
    assert lane._until_due() == 30
    outside.clock.pass_time(seconds=30)
    assert lane.work(0) == 1
    outside.clock.pass_time(hours=1)
    assert lane.work(0) == 0
    assert said_of_the_first(outside) == ["alert.raised"] * 5 + ["alert.withdrawn"]
    assert outside.lane().work(0) == 0


@pytest.mark.parametrize("taken", [True, False])
def test_a_withdrawal_of_what_became_priority_1_stands_last_in_both_lanes(
    outside: Outside, *, taken: bool
) -> None:
    outside.breaches(1)
    outside.endpoint.script = deque([503] if taken else [503] * 5)
    other, urgent = outside.lane(), outside.lane(urgent=True)
    other.work(0)
    graded(outside)
    retracted(outside)
    assert urgent.work(0) == 0
    for seconds in (2, 4, 8, 16, 30):
        outside.clock.pass_time(seconds=seconds)
        other.work(0)
        urgent.work(0)
    outside.clock.pass_time(hours=1)
    assert other.work(0) == urgent.work(0) == 0
    raised = 2 if taken else 5
    assert said_of_the_first(outside) == ["alert.raised"] * raised + ["alert.withdrawn"]


def graded(outside: Outside) -> None:
    """The only alert is of priority 1 now."""
    (alert,) = open_alerts(outside.store.register)
    case = outside.store.register.read(AlertCase(alert.id))
    supervisor = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")
    assert case.raised is not None
    at = case.raised.raised_at
    case.grade(supervisor, at, priority=1, reason="seen with a knife")
    outside.store.register.keep([case])


def test_messages_that_never_work_do_not_keep_a_new_one_waiting(outside: Outside) -> None:
    outside.breaches(6)
    outside.endpoint.script = deque([500, 204, 500, 204, 500, 500] + [500] * 8)
    lane = outside.lane()
    lane.work(0)
    for seconds in (2, 4):
        outside.clock.pass_time(seconds=seconds)
        assert lane.work(0) == 4
    tell(outside.store, "KENT-1", breach(incident="I-9"))
    work_until_idle(outside.store, "alert")
    assert lane.work(0) == 1
    assert not record(outside).failing


def test_one_that_asks_to_be_left_alone_is_for_that_long(outside: Outside) -> None:
    outside.breaches(3)
    outside.endpoint.script = deque([429])
    outside.endpoint.headers = {"retry-after": "20"}
    lane = outside.lane()
    assert lane.work(0) == 1
    outside.clock.pass_time(seconds=19)
    assert lane.work(0) == 0
    outside.clock.pass_time(seconds=1)
    assert lane.work(0) == 3


def test_a_message_that_is_not_taken_is_put_before_a_person_once(outside: Outside) -> None:
    outside.breaches(2)
    outside.endpoint.script = deque([500, 204, 500, 500])
    lane = outside.lane()
    lane.work(0)
    assert not not_taken(outside)
    outside.clock.pass_time(seconds=2)
    lane.work(0)
    (said,) = not_taken(outside)
    assert (said["order"], said["receiver"], said["said"]) == ("KENT-1", "cad", "HTTP 500")
    outside.clock.pass_time(seconds=4)
    lane.work(0)
    assert not not_taken(outside)


def not_taken(outside: Outside) -> list[dict[str, object]]:
    said = work_until_idle(outside.store, "deliver")
    return [each for each in said if each["code"] == "MESSAGE_NOT_TAKEN"]


def record(outside: Outside) -> ReceiverRecord:
    return outside.store.register.read(ReceiverRecord(receiver_stream("cad")))
