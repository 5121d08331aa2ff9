"""kafka-python's clients as tests use them: with the settings that the product starts from."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaTimeoutError

_RECONNECT = {"reconnect_backoff_ms": 20, "reconnect_backoff_max_ms": 500}
PRODUCER: dict[str, Any] = _RECONNECT | {
    "enable_idempotence": True,
    "acks": "all",
    "linger_ms": 0,
    "retry_backoff_ms": 50,
    "request_timeout_ms": 3000,
    "delivery_timeout_ms": 3_600_000,
    "max_block_ms": 5000,
    "allow_auto_create_topics": False,
}
CONSUMER: dict[str, Any] = _RECONNECT | {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "session_timeout_ms": 6000,
    "heartbeat_interval_ms": 1000,
    "request_timeout_ms": 3000,
    "max_poll_records": 50,
    "max_poll_interval_ms": 60_000,
    "isolation_level": "read_committed",
    "check_crcs": True,
    "allow_auto_create_topics": False,
}


@contextmanager
def producer(bootstrap: str, **other: Any) -> Iterator[Any]:
    client = KafkaProducer(bootstrap_servers=bootstrap, **(PRODUCER | other))
    try:
        yield client
    finally:
        try:
            client.close(timeout=5)
        except KafkaTimeoutError:
            # With anything unacknowledged, kafka-python 3.0.12 raises and leaves its thread running.
            client._sender.force_close()
            client.close(timeout=5)


@contextmanager
def admin(bootstrap: str) -> Iterator[Any]:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap, **_RECONNECT)) as client:
        yield client


def made_topic(bootstrap: str, name: str, partitions: int = 1, **settings: str) -> str:
    configs = {key.replace("_", "."): value for key, value in settings.items()}
    wanted = {"num_partitions": partitions, "configs": configs}
    with admin(bootstrap) as client:
        client.create_topics({name: wanted}, wait_for_metadata=True)
    return name


def records_of(bootstrap: str, topic: str, count: int, **other: Any) -> list[bytes]:
    """At least the first `count` values of a topic, and what came with them; fewer when silent for long."""
    values: list[bytes] = []
    settings = CONSUMER | {"bootstrap_servers": bootstrap, "consumer_timeout_ms": 30_000} | other
    with closing(KafkaConsumer(topic, **settings)) as client:
        for record in client:
            values.append(record.value)
            if len(values) >= count:
                break
    return values


def all_in(bootstrap: str, topic: str) -> list[bytes]:
    """Every value that lies in a topic of one partition now."""
    place = TopicPartition(topic, 0)
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, **CONSUMER, group_id=None)) as client:
        client.assign([place])
        end = client.end_offsets([place])[place]
        client.seek_to_beginning(place)
        values: list[bytes] = []
        while client.position(place) < end:
            values += [each.value for some in client.poll(1000).values() for each in some]
    return values
