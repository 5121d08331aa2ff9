"""The Kafka client that the relay sends with: in order, nothing twice, and whole batches of a flight."""

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from time import monotonic
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.partitioner import Partitioner, murmur2

from consumers.kafka_reach import Reach

LINGER = 0.05
"""Seconds a record waits for others of its partition; no longer than until all of its flight are there."""

_BATCH = 192 * 1024
"""Bytes of a batch at most, three quarters of what a topic takes (`topics.yaml`)."""

_ORDERS = 4096


def connected(reach: Reach, name: str) -> Any:
    """A producer that keeps the order and sends nothing twice while it lives.

    Raises `BrokerTrouble` and `KafkaError`.
    """
    return reach.client(
        KafkaProducer,
        name,
        acks="all",
        enable_idempotence=True,
        linger_ms=round(LINGER * 1000),
        batch_size=_BATCH,
        partitioner=_ByOrder(),
        delivery_timeout_ms=3_600_000,
        max_block_ms=5_000,
        allow_auto_create_topics=False,
    )


def send_off(producer: Any, futures: Sequence[Any], seconds: float) -> None:
    """Let what was handed over go, and wait so long for what becomes of it."""
    deadline = monotonic() + seconds
    with suppress(KafkaError):
        # So long for each batch, and longer than that none waits for company, flushed or not.
        producer.flush(timeout=min(seconds, LINGER))
    for each in futures:
        if (left := deadline - monotonic()) <= 0:
            break
        if not each.is_done:
            with suppress(KafkaError):
                each.get(timeout=left)


def give_up(producer: Any) -> None:
    """End the client with what it still holds: what it sent later would come twice and out of order.

    kafka-python 3.0.12 has no public way: `close` waits for every record, and raises.
    """
    producer._sender.force_close()  # noqa: SLF001 - no public way to close without waiting
    with suppress(KafkaError):
        producer.close(timeout=1)


class _ByOrder(Partitioner):  # type: ignore[misc]  # the library is not typed
    """The partition that every Kafka client takes by default for that key.

    The library's hash is written in Python and took a tenth of the time of a record.
    """

    def partition(
        self,
        topic: str,
        key: Any,  # noqa: ARG002 - the library names them
        serialized_key: bytes,
        value: Any,  # noqa: ARG002 - the library names them
        serialized_value: Any,  # noqa: ARG002 - the library names them
        cluster: Any,
    ) -> int:
        return _hash(serialized_key) % len(cluster.partitions_for_topic(topic))


@lru_cache(_ORDERS)
def _hash(key: bytes) -> int:
    hashed: int = murmur2(key)
    return hashed & 0x7FFFFFFF
