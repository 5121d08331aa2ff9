"""A message that hangs costs nobody else their time, overtakes nothing, and is never forgotten."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import OperationalError
from pydantic import SecretStr

from consumers.channels.message import Message, Recipient, Reply, Taken
from consumers.circuit_breaker import OPENS_AFTER, Breaker
from consumers.outward_lane import Lane
from consumers.outward_receiver import Receiver
from consumers.recipients import Settled
from consumers.senders import MOST, REPEATS, Senders
from domain.desk.case import AlertCase
from domain.desk.deliveries import Delivery, DeliveryState
from domain.open_alerts import open_alerts
from tests.consumers.outside import Outside, answered_first
from tests.program import PATIENCE
from tests.servers.receiver import receiving
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle

CAD = Settled((Recipient("cad", SecretStr("nowhere")),))


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with store_at(tmp_path) as store, receiving() as endpoint:
        yield Outside(store, endpoint, hanging=True)


def orders(outside: Outside) -> list[str]:
    return [str(each["data"]["order"]) for each in outside.told]


def test_the_others_of_the_lane_do_not_wait_for_one_that_hangs(outside: Outside) -> None:
    outside.breaches(5)
    with hanging() as channel:
        lane = outside.lane_to(Receiver("cad", channel, CAD))
        until(lambda: len(channel.told) == 5, lane)
        assert (outside.store.log.max_tracking_id(lane.name) or 0) < first_raised(outside)
    lane.close()


def test_one_that_hung_until_it_was_cut_off_is_sent_again_and_no_other(outside: Outside) -> None:
    outside.endpoint.hangs = lambda body: "KENT-1" in body
    outside.breaches(5)
    lane = outside.lane()
    until(lambda: len(set(orders(outside))) == 5, lane)
    lane.close()
    again = outside.lane()
    outside.endpoint.hangs = lambda _: False
    outside.clock.pass_time(seconds=30)
    until(lambda: orders(outside).count("KENT-1") == 2, again)
    again.close()
    assert len(orders(outside)) == 6


def first_raised(outside: Outside) -> int:
    return min(each.id for each in outside.store.log.select_notifications(
        1, 1000, topics=["spo.alert-raised.v1"]))  # fmt: skip


def until(there: Callable[[], bool], lane: Lane) -> None:
    """Let it work on until that is so."""
    deadline = monotonic() + PATIENCE
    while not there():
        lane.work(0)
        assert monotonic() < deadline


def test_of_one_alert_nothing_overtakes_what_hangs(outside: Outside) -> None:
    outside.breaches(1)
    with hanging() as channel:
        lane = outside.lane_to(Receiver("cad", channel, CAD))
        until(lambda: len(channel.told) == 1, lane)
        escalated(outside)
        lane.work(0)
        assert channel.told == [("KENT-1", "raised")]
    until(lambda: len(channel.told) == 2, lane)
    assert channel.told[1] == ("KENT-1", "escalated")
    lane.close()


def escalated(outside: Outside) -> None:
    (case,) = open_alerts(outside.store.register)
    case = outside.store.register.read(AlertCase(case.id))
    assert case.raised is not None
    outside.clock.now = case.raised.raised_at
    outside.clock.pass_time(minutes=6)
    case.advance(outside.clock())
    outside.store.register.keep([case])


class Breaking:
    """A register on which one save fails, as when a database is started anew."""

    def __init__(self, register: Any, fails: int) -> None:
        self._register = register
        self._left = fails

    def __getattr__(self, name: str) -> Any:
        return getattr(self._register, name)

    def keep(self, *given: Any) -> None:
        self._left -= 1
        if self._left == 0:
            msg = "the server closed the connection"
            raise OperationalError(msg)
        self._register.keep(*given)


@pytest.mark.parametrize("save", [1, 2, 3])
def test_a_database_that_fails_in_between_makes_nothing_forgotten(
    outside: Outside, save: int
) -> None:
    """When it is queued, before the attempt is on record, and after it was made."""
    outside.breaches(1)
    lane = answered_first(outside.lane())
    lane._register = Breaking(outside.store.register, save)  # type: ignore[assignment]  # the store's own, but for one save
    with pytest.raises(OperationalError):
        lane.work(0)
    for _ in range(2):
        lane.work(0)
        outside.clock.pass_time(seconds=30)
    lane.work(0)
    (delivery,) = deliveries(outside)
    assert outside.store.register.read(Delivery(delivery)).state is DeliveryState.ACCEPTED
    assert len(set(outside.ids)) == 1


class Hanging:
    """A channel on which what is told first hangs until it is let go, however long that is."""

    name = "hanging"

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.let_go = Event()

    def send(self, message: Message, to: Recipient) -> Reply:  # noqa: ARG002 - the port's signature
        self.told.append((message.raised.reference, str(message.what)))
        if len(self.told) == 1:
            self.let_go.wait(PATIENCE)
        return Taken()

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def hanging() -> Iterator[Hanging]:
    """Let go at the end, whatever comes of it."""
    channel = Hanging()
    try:
        yield channel
    finally:
        channel.let_go.set()


def test_a_fault_forgets_nothing_that_was_set_aside_for_what_hangs(outside: Outside) -> None:
    """Of the alert that hangs one more waits; the database goes away at the next alert's attempt."""
    outside.breaches(1)
    with hanging() as channel:
        lane = outside.lane_to(Receiver("cad", channel, CAD))
        until(lambda: len(channel.told) == 1, lane)
        escalated(outside)
        tell(outside.store, "KENT-2", *served_order(), breach())
        work_until_idle(outside.store, "alert")
        lane._register = Breaking(outside.store.register, 3)  # type: ignore[assignment]  # two are queued, one is attempted
        with pytest.raises(OperationalError):
            lane.work(0)
    while lane.work(0) or lane._senders.busy:
        pass
    assert sorted(channel.told[1:]) == [("KENT-1", "escalated"), ("KENT-2", "raised")]


def test_messages_that_hung_while_others_were_taken_do_not_close_the_lane() -> None:
    breaker, second = Breaker(), timedelta(seconds=1)
    breaker.took(NOW)
    for number in range(2 * OPENS_AFTER):
        breaker.failed(NOW + number * second, begun=NOW - second, first=True, asked=None)
    assert not breaker.is_open
    for number in range(OPENS_AFTER):
        breaker.failed(NOW + number * second, begun=NOW + second, first=True, asked=None)
    assert breaker.is_open


def test_repeats_leave_room_for_what_is_new() -> None:
    senders: Senders[int] = Senders("test")
    let_go = Event()

    def hang() -> Reply:
        let_go.wait(PATIENCE)
        return Taken()

    for number in range(REPEATS):
        senders.send(hang, number, uuid4(), repeat=True)
    assert not senders.has_room(uuid4(), repeat=True)
    for number in range(REPEATS, MOST):
        assert senders.has_room(uuid4(), repeat=False)
        senders.send(hang, number, uuid4(), repeat=False)
    assert not senders.has_room(uuid4(), repeat=False)
    let_go.set()
    senders.close()
    assert sorted(what for what, _ in senders.answered()) == list(range(MOST))


class Faulty:
    """A channel with a bug."""

    name = "faulty"

    def __init__(self) -> None:
        self.sent = 0

    def send(self, message: Message, to: Recipient) -> Reply:  # noqa: ARG002 - the port's signature
        self.sent += 1
        if self.sent == 1:
            raise ZeroDivisionError
        return Taken()

    def close(self) -> None:
        """Nothing is open."""


def test_a_fault_of_a_channel_is_the_roles_and_the_message_is_sent_again(outside: Outside) -> None:
    outside.breaches(1)
    channel = Faulty()
    lane = answered_first(outside.lane_to(Receiver("cad", channel, CAD)))
    with pytest.raises(ZeroDivisionError):
        lane.work(0)
    outside.clock.pass_time(seconds=30)
    lane.work(0)
    assert channel.sent == 2
    (case,) = open_alerts(outside.store.register)
    stream = next(iter(deliveries(outside)))
    assert outside.store.register.read(Delivery(stream)).state is DeliveryState.ACCEPTED
    assert case.open


def test_one_whose_record_cannot_be_read_is_put_before_a_person_and_keeps_nobody_waiting(
    outside: Outside,
) -> None:
    outside.breaches(2)
    outside.endpoint.script = deque([500])
    lane = answered_first(outside.lane())
    lane.work(0)
    with closing(sqlite3.connect(outside.store.settings.log_path)) as log, log:
        answered = ("spo.delivery-attempted.v1", "spo.delivery-answered.v1")
        log.execute(
            "UPDATE events SET state = x'00' WHERE topic IN (?, ?) AND originator_id = "
            "(SELECT originator_id FROM events WHERE topic = 'spo.delivery-queued.v1' LIMIT 1)",
            answered,
        )
    outside.clock.pass_time(minutes=1)
    outside.breaches(3)
    while lane.work(0):
        pass
    assert orders(outside)[2:] == ["KENT-3"]
    assert len(outside.store.log.select_notifications(1, 1000, topics=["spo.event-parked.v1"])) == 1


def deliveries(outside: Outside) -> set[Any]:
    found = outside.store.log.select_notifications(1, 1000, topics=["spo.delivery-queued.v1"])
    return {each.originator_id for each in found}
