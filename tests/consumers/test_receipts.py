"""Receipts of text messages: asked for, believed when they are of our message, and only as news."""

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from eventsourcing.persistence import OperationalError
from pydantic import SecretStr

from consumers.channels.message import Receipt, Recipient
from consumers.channels.text_message import TextMessageChannel
from consumers.outward_receiver import Receiver
from consumers.receipts import ReceiptCollector
from consumers.recipients import Settled
from domain.desk.deliveries import Delivery, DeliveryState
from tests.consumers.outside import Clock, Outside
from tests.consumers.test_what_hangs import Breaking
from tests.servers.receiver import receiving
from tests.stories import store_at, work_until_idle

NOTIFY_ID = "0f5a1b22-0000-4000-8000-000000000001"
KEY = SecretStr(f"duty{f'-{NOTIFY_ID}' * 2}")
PHONE = Settled((Recipient("duty", SecretStr("07700900001")),))


@dataclass
class Texts:
    """One alert, told by text message, and the collector of its receipts."""

    outside: Outside
    channel: TextMessageChannel

    def send(self) -> None:
        self.outside.breaches(1)
        self.outside.endpoint.answer = json.dumps({"id": NOTIFY_ID}).encode()
        self.outside.endpoint.script = deque([201])
        assert self.outside.lane_to(Receiver("text", self.channel, PHONE)).work(0) == 1

    def collector(self) -> ReceiptCollector:
        store, clock = self.outside.store, self.outside.clock
        return ReceiptCollector(self.channel, store.register, store.events, clock)

    def says(self, status: str, reference: str | None = None) -> None:
        sent = json.loads(self.outside.endpoint.reached[0].body)["reference"]
        told = {"id": NOTIFY_ID, "reference": reference or sent, "status": status}
        done = None if status == "sending" else "2026-12-06T12:00:03.000000Z"
        self.outside.endpoint.answer = json.dumps(told | {"completed_at": done}).encode()

    def delivery(self) -> Delivery:
        events = self.outside.store.events.read(0, limit=10_000, wait=0)
        (queued,) = (each for each in events if each.topic == "spo.delivery-queued.v1")
        return self.outside.store.register.read(Delivery(queued.stream_id))


@dataclass
class SlowToAnswer:
    """Four seconds pass before each answer."""

    channel: TextMessageChannel
    clock: Clock
    asked: Callable[[], None] = lambda: None
    name: str = "text"

    def how_far(self, provider_id: str) -> Receipt | None:
        self.clock.pass_time(seconds=4)
        self.asked()
        return self.channel.how_far(provider_id)


@pytest.fixture
def texts(tmp_path: Path) -> Iterator[Texts]:
    with store_at(tmp_path) as store, receiving() as notify:
        channel = TextMessageChannel(
            "text", KEY, "template-1", api=f"http://127.0.0.1:{notify.port}"
        )
        each = Texts(Outside(store, notify), channel)
        each.send()
        yield each


def test_a_message_that_was_delivered_is_asked_for_until_that_is_known(texts: Texts) -> None:
    collector = texts.collector()
    texts.says("sending")
    assert collector.work(0) == 0
    texts.outside.clock.pass_time(seconds=10)
    assert collector.work(0) == 1
    assert texts.delivery().state is DeliveryState.ACCEPTED
    texts.says("delivered")
    texts.outside.clock.pass_time(seconds=20)
    assert collector.work(0) == 1
    assert texts.delivery().state is DeliveryState.DELIVERED
    texts.outside.clock.pass_time(hours=100)
    assert (collector.work(0), texts.collector().work(0)) == (0, 0)
    assert texts.outside.endpoint.asked == [f"/v2/notifications/{NOTIFY_ID}"] * 2


@pytest.mark.parametrize("status", ["permanent-failure", "temporary-failure"])
def test_one_that_was_lost_on_the_way_is_put_before_a_person(texts: Texts, status: str) -> None:
    collector = texts.collector()
    collector.work(0)
    texts.says(status)
    texts.outside.clock.pass_time(seconds=10)
    assert collector.work(0) == 1
    assert texts.delivery().state is DeliveryState.FAILED
    said = work_until_idle(texts.outside.store, "deliver")
    (lost,) = (each for each in said if each["code"] == "MESSAGE_NOT_TAKEN")
    assert (lost["order"], lost["receiver"], lost["said"]) == ("KENT-1", "duty", f"Notify {status}")


def test_a_database_that_fails_in_between_forgets_no_message_that_is_to_be_asked_for(
    texts: Texts,
) -> None:
    collector = texts.collector()
    collector.work(0)
    texts.says("permanent-failure")
    texts.outside.clock.pass_time(seconds=10)
    collector._register = Breaking(texts.outside.store.register, 1)  # type: ignore[assignment]  # the store's own, but for one save
    with pytest.raises(OperationalError):
        collector.work(0)
    collector.work(0)
    assert texts.delivery().state is DeliveryState.FAILED


@pytest.mark.parametrize("asked_before", [0, 1])
def test_one_whose_record_cannot_be_read_keeps_no_other_waiting(
    texts: Texts, asked_before: int
) -> None:
    collector, store = texts.collector(), texts.outside.store
    for _ in range(asked_before):
        collector.work(0)
    with closing(sqlite3.connect(store.settings.log_path)) as log, log:
        log.execute("UPDATE events SET state = x'00' WHERE topic = 'spo.delivery-attempted.v1'")
    texts.outside.clock.pass_time(seconds=10)
    collector.work(0)
    texts.outside.clock.pass_time(hours=100)
    assert (collector.work(0), texts.collector().work(0)) == (0, 0)
    assert len(store.log.select_notifications(1, 1000, topics=["spo.event-parked.v1"])) == 1


def test_it_is_told_for_how_long_the_next_has_waited_to_be_asked_for(texts: Texts) -> None:
    store, clock = texts.outside.store, texts.outside.clock
    notify = SlowToAnswer(texts.channel, clock)
    collector = ReceiptCollector(notify, store.register, store.events, clock)
    notify.asked = lambda: while_asked.append(collector.late)
    while_asked: list[float] = []
    texts.says("sending")
    collector.work(0)
    assert collector.late == 0
    clock.pass_time(seconds=25)
    assert collector.late == 15
    assert collector.work(0) == 1
    assert while_asked == [19]
    assert collector.late == 0


def test_a_receipt_twice_or_out_of_order_is_no_news(texts: Texts) -> None:
    for status in ("delivered", "delivered", "permanent-failure", "sending"):
        collector = texts.collector()
        collector.work(0)
        texts.says(status)
        texts.outside.clock.pass_time(seconds=10)
        collector.work(0)
    assert texts.delivery().state is DeliveryState.DELIVERED
    events = texts.outside.store.events.read(0, limit=10_000, wait=0)
    assert [e.topic for e in events].count("spo.delivery-receipt-received.v1") == 1


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"status": "delivered"}'])
def test_an_answer_that_is_none_is_none(texts: Texts, answer: bytes) -> None:
    collector = texts.collector()
    collector.work(0)
    texts.outside.endpoint.answer = answer
    texts.outside.clock.pass_time(seconds=10)
    assert collector.work(0) == 1
    assert texts.delivery().state is DeliveryState.ACCEPTED


def test_a_receipt_of_another_message_is_not_believed(texts: Texts) -> None:
    collector = texts.collector()
    collector.work(0)
    texts.says("delivered", reference="3f1c3ab0-0000-4000-8000-000000000009")
    texts.outside.clock.pass_time(seconds=10)
    assert collector.work(0) == 1
    assert texts.delivery().state is DeliveryState.ACCEPTED
