"""Each fault that the proxy can make really bites, and is over when it is healed."""

from random import Random
from time import monotonic

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from tests.servers.dropped import SENT_AGAIN, Dropped
from tests.servers.frame_proxy import Bite, Direction
from tests.servers.kafka import Kafka
from tests.servers.kafka_clients import all_in, producer, records_of

HASTY = {"request_timeout_ms": 1000}
VALUES = [b"%03d" % n for n in range(120)]


def test_an_answer_lost_after_the_append_doubles_nothing_when_idempotent(kafka: Kafka) -> None:
    found = produced_while_answers_are_lost(kafka, enable_idempotence=True)
    assert found == VALUES


def test_an_answer_lost_after_the_append_doubles_records_when_not_idempotent(kafka: Kafka) -> None:
    found = produced_while_answers_are_lost(kafka, enable_idempotence=False)
    assert set(found) == set(VALUES)
    assert len(found) > len(VALUES)


def produced_while_answers_are_lost(kafka: Kafka, *, enable_idempotence: bool) -> list[bytes]:
    topic = kafka.topic()
    with kafka.proxied() as (address, proxy):
        with producer(address, enable_idempotence=enable_idempotence) as client:
            proxy.lose(Direction.TO_CLIENT, every=7)
            for first in range(0, len(VALUES), 5):
                # Five requests on their way at once, so that a loss finds others behind it.
                for each in [client.send(topic, value) for value in VALUES[first : first + 5]]:
                    each.get(timeout=60)
        assert proxy.bites[Bite.LOST] > 2
    return all_in(kafka.bootstrap, topic)


def test_what_was_sent_and_never_appended_is_sent_again(kafka: Kafka) -> None:
    topic = kafka.topic()
    with kafka.proxied() as (address, proxy), producer(address) as client:
        client.send(topic, VALUES[0]).get(timeout=60)
        proxy.lose(Direction.TO_BROKER, every=3)
        for value in VALUES[1:20]:
            client.send(topic, value).get(timeout=60)
        assert proxy.bites[Bite.LOST] > 2
    assert all_in(kafka.bootstrap, topic) == VALUES[:20]


def test_a_delay_is_felt_both_ways(kafka: Kafka) -> None:
    topic = kafka.topic()
    with kafka.proxied() as (address, proxy), producer(address) as client:
        client.send(topic, VALUES[0]).get(timeout=60)
        proxy.delay(0.15)
        assert time_to_send(client, topic) >= 0.3
        proxy.heal()
        delayed = proxy.bites[Bite.DELAYED]
        time_to_send(client, topic)
        assert proxy.bites[Bite.DELAYED] == delayed >= 2


def test_what_a_link_drops_comes_late_and_in_its_order(kafka: Kafka) -> None:
    topic, dropped = kafka.topic(), Dropped(0.3, Random(1))
    with kafka.proxied() as (address, proxy), producer(address) as client:
        client.send(topic, VALUES[0]).get(timeout=60)
        proxy.drop(dropped)
        took = max(time_to_send(client, topic) for _ in range(9))
        assert proxy.bites[Bite.DROPPED] > 2
        assert took >= SENT_AGAIN
        proxy.heal()
        before = dropped.count
        client.send(topic, VALUES[2]).get(timeout=60)
        assert dropped.count == before
    assert all_in(kafka.bootstrap, topic) == [VALUES[0], *9 * [VALUES[1]], VALUES[2]]


def time_to_send(client: KafkaProducer, topic: str) -> float:
    start = monotonic()
    client.send(topic, VALUES[1]).get(timeout=60)
    return monotonic() - start


def test_nothing_gets_through_while_it_is_shut(kafka: Kafka) -> None:
    topic = kafka.topic()
    with kafka.proxied() as (address, proxy), producer(address) as client:
        client.send(topic, VALUES[0]).get(timeout=60)
        proxy.cut()
        client.send(topic, VALUES[1]).get(timeout=60)
        proxy.shut()
        waiting = client.send(topic, VALUES[2])
        with pytest.raises(KafkaTimeoutError):
            waiting.get(timeout=0.5)
        proxy.heal()
        waiting.get(timeout=60)
        assert proxy.bites[Bite.CUT] >= 2
        assert proxy.bites[Bite.REFUSED] >= 1
    assert all_in(kafka.bootstrap, topic) == VALUES[:3]


@pytest.mark.parametrize("direction", list(Direction))
def test_one_way_silence_is_noticed_and_healed(kafka: Kafka, direction: Direction) -> None:
    topic = kafka.topic()
    with kafka.proxied() as (address, proxy), producer(address, **HASTY) as client:
        client.send(topic, VALUES[0]).get(timeout=60)
        proxy.swallow(direction)
        waiting = client.send(topic, VALUES[1])
        with pytest.raises(KafkaTimeoutError):
            waiting.get(timeout=0.5)
        if direction is Direction.TO_BROKER:
            assert all_in(kafka.bootstrap, topic) == VALUES[:1]
        else:
            assert records_of(kafka.bootstrap, topic, 2) == VALUES[:2]
        proxy.heal()
        waiting.get(timeout=60)
        assert proxy.bites[Bite.SWALLOWED] >= 1
    assert all_in(kafka.bootstrap, topic) == VALUES[:2]
