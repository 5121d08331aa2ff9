import os
from pathlib import Path

import pytest
from kafka.errors import KafkaTimeoutError

from deploy.kafka.cluster import Cluster
from deploy.kafka.jars import BrokerUnavailable, jars
from tests.servers.kafka import Kafka
from tests.servers.kafka_clients import made_topic, producer, records_of


def test_what_is_produced_is_consumed(kafka: Kafka) -> None:
    topic = kafka.topic()
    with producer(kafka.bootstrap) as client:
        for n in range(10):
            client.send(topic, b"%d" % n, key=b"order").get(timeout=60)
    assert records_of(kafka.bootstrap, topic, 10) == [b"%d" % n for n in range(10)]


def test_what_was_acknowledged_outlives_a_killed_and_a_frozen_broker(own_kafka: Cluster) -> None:
    topic = made_topic(own_kafka.bootstrap, "outlives")
    broker = own_kafka.brokers[0]
    with producer(own_kafka.bootstrap) as client:
        for sent in [client.send(topic, b"%d" % n) for n in range(200)]:
            sent.get(timeout=60)
        broker.kill()
        waiting = [client.send(topic, b"%d" % n) for n in range(200, 250)]
        own_kafka.restart(broker)
        for sent in waiting:
            sent.get(timeout=60)
        broker.freeze()
        frozen = client.send(topic, b"250")
        with pytest.raises(KafkaTimeoutError):
            frozen.get(timeout=0.5)
        broker.thaw()
        frozen.get(timeout=60)
    assert records_of(own_kafka.bootstrap, topic, 251) == [b"%d" % n for n in range(251)]


def with_java(directory: Path, version: str) -> str:
    java = directory / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    java.chmod(0o755)
    return str(directory)


def test_without_maven_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", with_java(tmp_path, "17.0.1"))
    with pytest.raises(BrokerUnavailable, match="mvn is not installed"):
        jars(tmp_path / "cache")


def test_an_old_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_java(tmp_path, "11.0.2")
    monkeypatch.setenv("PATH", path + os.pathsep + os.environ["PATH"])
    with pytest.raises(BrokerUnavailable, match="java is version 11"):
        jars(tmp_path / "cache")
