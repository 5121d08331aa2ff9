"""Records of Apache Kafka, read by us alone. The only reader of Kafka records.

A consumer is given every partition of its topics, without a group: the position is kept in our own
store, in one transaction with the effect, so no coordinator can hand it to another or hold it back.
Any number of instances may read side by side; whoever saves first wins.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from types import MappingProxyType
from typing import Any

from eventsourcing.persistence import ProcessRecorder, Tracking
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

STALLED = 10.0
"""Seconds that a partition may hold records we do not get before the connection is made anew."""

_PAUSE = 0.25
_REQUEST_MS = 3_000


REACHING: Mapping[str, Any] = MappingProxyType(
    {
        "request_timeout_ms": _REQUEST_MS,
        "reconnect_backoff_ms": 20,
        "reconnect_backoff_max_ms": 500,
        "retry_backoff_ms": 50,
        "bootstrap_timeout_ms": 5_000,
        "allow_auto_create_topics": False,
        # Ten seconds unset: so long a frozen node would hold up the search for the next leader.
        "kafka_client": partial(
            KafkaNetClient,
            socket_connection_setup_timeout_ms=1_000,
            socket_connection_setup_timeout_max_ms=2_000,
        ),
    }
)
"""How every client of ours reaches a broker, and finds it again."""


def connected(bootstrap: Sequence[str], name: str) -> Any:
    """A consumer with no group and no opinion about where it was."""
    return KafkaConsumer(
        bootstrap_servers=list(bootstrap),
        client_id=name,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        check_crcs=True,
        max_poll_records=500,
        **REACHING,
    )


class KafkaRecords:
    """The records of some topics past the bookmarks of one reader, a partition at a time."""

    def __init__(
        self,
        name: str,
        topics: Sequence[str],
        connect: Callable[[], Any],
        recorder: ProcessRecorder,
    ) -> None:
        self.name = name
        self._topics = topics
        self._connect = connect
        self._recorder = recorder
        self._consumer: Any = None
        self._held: dict[Any, deque[Any]] = {}
        self._heard = monotonic()

    def read(self, *, limit: int, wait: float) -> Sequence[Any]:
        """Records of one partition, in their order; empty after at most a quarter of a second.

        Raises `KafkaError` while there was never a broker; one that went away is waited for.
        """
        if not any(self._held.values()):
            self._poll(limit, wait)
        for records in self._held.values():
            if records:
                return [records.popleft() for _ in range(min(limit, len(records)))]
        return []

    def tracking(self, upto: Any) -> Tracking:
        """The bookmark after this record, for an effect saved in one transaction with it."""
        return Tracking(self._bookmark(upto.topic, upto.partition), upto.offset + 1)

    def pass_over(self, upto: Any) -> None:
        """Never read this record or any before it in its partition again.

        Raises `IntegrityError` when another instance has been there before.
        """
        self._recorder.insert_tracking(self.tracking(upto))

    def close(self) -> None:
        """Let go of the connection; a new one goes on from the bookmarks on record."""
        consumer, self._consumer = self._consumer, None
        self._held.clear()
        if consumer is not None:
            consumer.close()

    def _poll(self, limit: int, wait: float) -> None:
        try:
            consumer = self._connected()
            polled = consumer.poll(timeout_ms=int(min(wait, _PAUSE) * 1000), max_records=limit)
            self._watch(consumer, heard=bool(polled))
        except KafkaError:
            self.close()
            raise
        for partition, records in polled.items():
            self._held.setdefault(partition, deque()).extend(records)

    def _connected(self) -> Any:
        if self._consumer is None:
            consumer = self._connect()
            self._consumer = consumer
            partitions = [each for topic in self._topics for each in _partitions(consumer, topic)]
            consumer.assign(partitions)
            for each in partitions:
                bookmark = self._bookmark(each.topic, each.partition)
                consumer.seek(each, self._recorder.max_tracking_id(bookmark) or 0)
            self._heard = monotonic()
        return self._consumer

    def _watch(self, consumer: Any, *, heard: bool) -> None:
        """A client that says nothing while a partition holds more is one to be replaced."""
        now = monotonic()
        if heard:
            self._heard = now
        elif now - self._heard > STALLED:
            ends = consumer.end_offsets(list(consumer.assignment()), timeout_ms=_REQUEST_MS)
            if any(consumer.position(each) < end for each, end in ends.items()):
                self.close()
            self._heard = now

    def _bookmark(self, topic: str, partition: int) -> str:
        """Of this very topic: one deleted and made again begins anew, under another id."""
        made = self._consumer._cluster.topic_id(topic)  # noqa: SLF001 - public in the cluster
        return f"{self.name}@{topic}:{partition}#{made}"


def _partitions(consumer: Any, topic: str) -> list[Any]:
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise MissingTopic(topic)
    return [TopicPartition(topic, number) for number in sorted(numbers)]


class MissingTopic(KafkaError):  # type: ignore[misc]  # the library is not typed
    """The cluster has no such topic."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"the cluster has no topic {topic}; run `spowatch topics apply`")


class BrokerView:
    """What lies at the broker, for the relay's audit."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect

    def ends(self, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """The offset after the last record of each partition; 0 where there is no such partition."""
        consumer = self._connect()
        try:
            known = {topic: consumer.partitions_for_topic(topic) or set() for topic, _ in places}
            there = [TopicPartition(t, p) for t, p in places if p in known[t]]
            ends = consumer.end_offsets(there, timeout_ms=_REQUEST_MS) if there else {}
            return {(each.topic, each.partition): end for each, end in ends.items()}
        finally:
            consumer.close()

    def id_at(self, topic: str, partition: int, offset: int) -> bytes | None:
        """The `ce_id` of the record there; None when there is none any more."""
        consumer = self._connect()
        try:
            place = TopicPartition(topic, partition)
            consumer.assign([place])
            consumer.seek(place, offset)
            for records in consumer.poll(timeout_ms=1_000, max_records=1).values():
                for record in records:
                    return dict(record.headers).get("ce_id") if record.offset == offset else None
            return None
        finally:
            consumer.close()
