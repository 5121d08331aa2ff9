"""A store whose desk reads over the real broker, on topics of its own."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import TopicAlreadyExistsError

from consumers.desk_worker import DeskWorker
from consumers.intake import INTAKE, Intake
from consumers.kafka_feed import KafkaFeed
from consumers.relay import Relay
from consumers.relay_messages import ALERT_OUTCOME, ALERT_REQUESTED, ORDER_EVENTS, QUARANTINE
from spowatch.open_store import Store
from spowatch.settings.root import KafkaTransport, Settings
from spowatch.wiring.kafka import intake_from, kafka_feed_for, relay_to
from spowatch.wiring.store import migrate, now, opened
from tests.servers.kafka import Kafka, kafka
from tests.servers.kafka_clients import made_topic
from tests.stories import NOW

__all__ = ["kafka"]

TOPICS = (ORDER_EVENTS, ALERT_REQUESTED, ALERT_OUTCOME, QUARANTINE, INTAKE)
PARTITIONS = 3


class OverKafka:
    """The store, and relays and desks on it as many as a test asks for."""

    def __init__(self, store: Store, broker: Kafka, stack: ExitStack) -> None:
        self.store = store
        self.broker = broker
        self._stack = stack

    @property
    def transport(self) -> KafkaTransport:
        transport = self.store.settings.transport
        assert isinstance(transport, KafkaTransport)
        return transport

    def make_topics(self) -> None:
        for topic in TOPICS:
            made_topic(self.broker.bootstrap, self.transport.prefix + topic, PARTITIONS)

    def make_topics_again(self, topics: Iterable[str]) -> None:
        """A name is free again only when every replica of it is gone."""
        for topic in topics:
            for _ in range(600):
                with suppress(TopicAlreadyExistsError):
                    made_topic(self.broker.bootstrap, self.transport.prefix + topic, PARTITIONS)
                    break
                sleep(0.1)

    def relay(self) -> Relay:
        return self._stack.enter_context(relay_to(self.transport, self.store))

    def feed(self, name: str = "arrest-desk") -> KafkaFeed:
        return self._stack.enter_context(kafka_feed_for(name, self.transport, self.store, now))

    def intake(self) -> Intake:
        return self._stack.enter_context(intake_from(self.transport, self.store, lambda: NOW))

    def desk(self, name: str = "arrest-desk") -> DeskWorker:
        return DeskWorker(self.feed(name), self.store.register, now)

    def records(self, topic: str) -> list[Any]:
        """Everything that lies in that topic, a partition after another."""
        name = self.transport.prefix + topic
        consumer = KafkaConsumer(bootstrap_servers=self.broker.bootstrap, group_id=None)
        try:
            places = [TopicPartition(name, number) for number in range(PARTITIONS)]
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            consumer.seek_to_beginning(*places)
            found: list[Any] = []
            while len(found) < sum(ends.values()):
                for records in consumer.poll(timeout_ms=1000).values():
                    found += records
            return found
        finally:
            consumer.close()


@pytest.fixture
def over_kafka(tmp_path: Path, kafka: Kafka) -> Iterator[OverKafka]:
    transport = KafkaTransport(kind="kafka", bootstrap=kafka.bootstrap, prefix=kafka.prefix())
    settings = Settings(data_dir=tmp_path, transport=transport)
    migrate(settings)
    with opened(settings) as store, ExitStack() as stack:
        system = OverKafka(store, kafka, stack)
        system.make_topics()
        yield system
