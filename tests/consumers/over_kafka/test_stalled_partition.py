"""The client gives nothing of one partition any more, as kafka-python does after some changes of leader."""

from collections.abc import Iterator
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from kafka import TopicPartition

from consumers.intake import INTAKE
from consumers.kafka_records import KafkaRecords
from tests.consumers.over_kafka.conftest import OverKafka
from tests.servers.kafka_clients import producer

STALLED = 1.0
LONGEST = 60.0
QUIET = 4.0


@pytest.fixture
def records(over_kafka: OverKafka, monkeypatch: pytest.MonkeyPatch) -> KafkaRecords:
    monkeypatch.setattr("consumers.kafka_records.STALLED", STALLED)
    return over_kafka.intake()._records


def taken(records: KafkaRecords, seconds: float) -> Iterator[Any]:
    """What comes in so long, each passed over."""
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        for each in records.read(limit=10, wait=0.1):
            records.pass_over(each)
            yield each


def test_a_partition_kept_back_while_another_goes_on_is_read_all_the_same(
    over_kafka: OverKafka, records: KafkaRecords
) -> None:
    topic = over_kafka.transport.prefix + INTAKE
    with producer(over_kafka.broker.bootstrap) as provider:
        provider.send(topic, partition=1, value=b"first").get(timeout=60)
        coming = taken(records, LONGEST)
        assert next(coming).partition == 1
        records._consumer.pause(TopicPartition(topic, 0))
        provider.send(topic, partition=0, value=b"kept back").get(timeout=60)
        found = [1]
        while 0 not in found:
            provider.send(topic, partition=1, value=b"another").get(timeout=60)
            found.append(next(coming).partition)
    assert records.closed == 1


def test_the_marker_of_a_transaction_is_no_record_kept_back(
    over_kafka: OverKafka, records: KafkaRecords
) -> None:
    topic = over_kafka.transport.prefix + INTAKE
    with producer(over_kafka.broker.bootstrap, transactional_id=str(uuid4())) as provider:
        provider.init_transactions()
        provider.begin_transaction()
        provider.send(topic, partition=0, value=b"one").get(timeout=60)
        provider.commit_transaction()
    assert next(taken(records, LONGEST)).value == b"one"
    assert list(taken(records, QUIET)) == []
    assert records.closed == 0


def test_how_long_records_wait_at_the_broker_is_told_until_all_were_read(
    over_kafka: OverKafka, records: KafkaRecords
) -> None:
    topic = over_kafka.transport.prefix + INTAKE
    with producer(over_kafka.broker.bootstrap) as provider:
        for _ in range(30):
            provider.send(topic, partition=0, value=b"one").get(timeout=60)
    waited = []
    for each in taken(records, LONGEST):
        waited.append(records.behind_for)
        if each.offset == 29:
            break
    assert 0 < waited[0] < waited[19]
    assert waited[29] == 0
