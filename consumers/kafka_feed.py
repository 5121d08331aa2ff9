"""The feed through Apache Kafka. The only reader of Kafka records.

A consumer is given every partition of its topics, without a group: the position is kept in our own
store, in one transaction with the effect, so no coordinator can hand it to another or hold it back.
Any number of instances may read side by side; whoever saves first wins.
"""

from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from eventsourcing.persistence import ProcessRecorder, Tracking
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from consumers.relay_messages import Unreadable, event_of
from domain.published import OrderEvent

STALLED = 10.0
"""Seconds that a partition may hold records we do not get before the connection is made anew."""

_PAUSE = 0.25
_REQUEST_MS = 3_000


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
        request_timeout_ms=_REQUEST_MS,
        reconnect_backoff_ms=20,
        reconnect_backoff_max_ms=500,
        retry_backoff_ms=50,
        bootstrap_timeout_ms=5_000,
        allow_auto_create_topics=False,
    )


BadRecord = Callable[[Any, str], None]
"""Told of a record that is no message of ours, and why; it must put it before a person."""


class KafkaFeed:
    """Events of some topics, a partition at a time. While there is no broker it is empty."""

    def __init__(
        self,
        name: str,
        topics: Sequence[str],
        connect: Callable[[], Any],
        recorder: ProcessRecorder,
        bad: BadRecord,
    ) -> None:
        self.name = name
        self._topics = topics
        self._connect = connect
        self._recorder = recorder
        self._bad = bad
        self._consumer: Any = None
        self._held: dict[Any, deque[Any]] = {}
        self._places: dict[OrderEvent, tuple[Any, int]] = {}
        self._heard = monotonic()

    def read(self, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """Raises `KafkaError` while there is no broker."""
        if not any(self._held.values()):
            self._poll(limit, wait)
        for partition, records in self._held.items():
            if records:
                return self._events(
                    partition, [records.popleft() for _ in range(min(limit, len(records)))]
                )
        return []

    def commit(self, upto: OrderEvent) -> None:
        self._recorder.insert_tracking(self.tracking(upto))

    def tracking(self, upto: OrderEvent) -> Tracking:
        partition, offset = self._places[upto]
        return Tracking(self._bookmark(partition), offset + 1)

    def committed(self, upto: OrderEvent) -> None:
        """The places of a batch are known until the next is read."""

    def rewind(self) -> None:
        """A new connection goes on from the bookmarks on record, of the topics there are now."""
        self.close()

    def close(self) -> None:
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
                consumer.seek(each, self._recorder.max_tracking_id(self._bookmark(each)) or 0)
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

    def _events(self, partition: Any, records: Sequence[Any]) -> list[OrderEvent]:
        self._places.clear()
        events = []
        for record in records:
            try:
                event = event_of(record.headers)
            except Unreadable as fault:
                self._bad(record, str(fault))
                continue
            events.append(event)
            self._places[event] = partition, record.offset
        if records and (not events or self._places[events[-1]][1] != records[-1].offset):
            self._pass_over(partition, records[-1].offset, events)
        return events

    def _pass_over(self, partition: Any, offset: int, events: Sequence[OrderEvent]) -> None:
        """Bad records at the end of a batch are put before a person: no need to read them again."""
        if events:
            self._places[events[-1]] = partition, offset
        else:
            self._recorder.insert_tracking(Tracking(self._bookmark(partition), offset + 1))

    def _bookmark(self, partition: Any) -> str:
        """Of this very topic: one deleted and made again begins anew, under another id."""
        made = self._consumer._cluster.topic_id(partition.topic)  # noqa: SLF001 - public there
        return f"{self.name}@{partition.topic}:{partition.partition}#{made}"


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
