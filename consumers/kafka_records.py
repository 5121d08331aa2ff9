"""Records of Apache Kafka, read by us alone. The only reader of Kafka records.

A consumer is given every partition of its topics, without a group: the position is kept in our own
store, in one transaction with the effect, so no coordinator can hand it to another or hold it back.
Any number of instances may read side by side; whoever saves first wins.
"""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, suppress
from time import monotonic
from typing import Any

from eventsourcing.persistence import IntegrityError, ProcessRecorder, Tracking
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from consumers.broker_trouble import BrokerTrouble, MissingTopic
from consumers.kafka_header_names import read_any_header_name
from consumers.kafka_reach import Reach

STALLED = 10.0
"""Seconds that a partition may hold records we do not get before the connection is made anew, or half as
many again: it is looked at twice, so that what came just then is not taken for it."""

_PAUSE = 0.25
_LOOK = 2.0
"""Seconds the search for remembered records may take in all; the relay's lease is longer."""
_REQUEST_MS = 3_000

read_any_header_name()


def connected(reach: Reach, name: str) -> Any:
    """A consumer with no group and no opinion about where it was.

    Raises `BrokerTrouble` and `KafkaError`.
    """
    return reach.client(
        KafkaConsumer,
        name,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        check_crcs=True,
        max_poll_records=500,
        allow_auto_create_topics=False,
    )


class KafkaRecords:
    """The records of some topics past the bookmarks of one reader, a partition at a time.

    What was handed out and not passed over is handed out again: a reader that failed loses nothing.
    """

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
        self._handed_out: list[Any] = []
        self._bookmarks: dict[tuple[str, int], str] = {}
        self._reached: dict[Any, int] = {}
        self._looked = monotonic()
        self._silent: set[Any] = set()
        self._owed: set[Any] = set()
        self.closed = 0
        """How often the connection was let go of, and the next went on from the bookmarks on record."""
        self.behind = 0
        """Records that the broker had beyond those it has given us, when it last gave us any."""
        self._behind_since: float | None = None

    def read(self, *, limit: int, wait: float) -> Sequence[Any]:
        """Records of one partition, in their order; empty after at most a quarter of a second.

        Raises `BrokerTrouble` and `KafkaError` while there was never a broker; one that went away
        is waited for.
        """
        self._take_back()
        if not any(self._held.values()):
            self._poll(limit, wait)
        for records in self._held.values():
            if records:
                self._handed_out = [records.popleft() for _ in range(min(limit, len(records)))]
                break
        return self._handed_out

    @property
    def more(self) -> bool:
        """Whether more was waiting behind what was read last, here or at the broker."""
        return any(self._held.values()) or self.behind > 0

    @property
    def behind_for(self) -> float:
        """Seconds since the broker last had no more than it has given us; 0 while it has not."""
        return 0.0 if self._behind_since is None else monotonic() - self._behind_since

    def tracking(self, upto: Any) -> Tracking:
        """The bookmark after this record, for an effect saved in one transaction with it."""
        return Tracking(self._bookmarks[upto.topic, upto.partition], upto.offset + 1)

    def named(self, record: Any) -> str:
        """What tells the record's partition from every other there was; read anew it is the same."""
        return self._bookmarks[record.topic, record.partition].partition("~")[0]

    def pass_over(self, upto: Any) -> None:
        """Never read this record or any before it in its partition again.

        Raises `IntegrityError` when another instance has been there before.
        """
        self._recorder.insert_tracking(self.tracking(upto))
        self.passed(upto)

    def passed(self, upto: Any) -> None:
        """The same, when the bookmark was saved with the effect."""
        self._handed_out = [each for each in self._handed_out if each.offset > upto.offset]

    def close(self) -> None:
        """Let go of the connection; a new one goes on from the bookmarks on record."""
        consumer, self._consumer = self._consumer, None
        self._held.clear()
        self._handed_out = []
        self.closed += 1
        if consumer is not None:
            consumer.close()

    def _poll(self, limit: int, wait: float) -> None:
        try:
            consumer = self._connected()
            polled = consumer.poll(timeout_ms=int(min(wait, _PAUSE) * 1000), max_records=limit)
            busy = sum(map(len, polled.values())) >= limit
            if self._keeps_back(consumer, polled.keys(), busy=busy):
                self.close()
                return
        except (KafkaError, BrokerTrouble):
            self.close()
            raise
        for partition, records in polled.items():
            self._held.setdefault(partition, deque()).extend(records)
            self._reached[partition] = records[-1].offset + 1
        ends = {each: consumer.highwater(each) or 0 for each in self._reached}
        self.behind = sum(max(0, ends[each] - upto) for each, upto in self._reached.items())
        self._behind_since = (self._behind_since or monotonic()) if self.behind else None

    def _take_back(self) -> None:
        for record in reversed(self._handed_out):
            self._held[TopicPartition(record.topic, record.partition)].appendleft(record)
        self._handed_out = []

    def _connected(self) -> Any:
        if self._consumer is None:
            self._consumer = self._connect()
            with ExitStack() as unless_placed:
                unless_placed.callback(self.close)
                self._find_places(self._consumer)
                unless_placed.pop_all()
            self._looked, self._owed = monotonic(), set()
            self._silent = set(self._consumer.assignment())
        return self._consumer

    def _find_places(self, consumer: Any) -> None:
        partitions = [each for topic in self._topics for each in _partitions(consumer, topic)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions, timeout_ms=_REQUEST_MS)
        for each in partitions:
            bookmark = self._bookmark(consumer, each, ends[each])
            self._bookmarks[each.topic, each.partition] = bookmark
            self._reached[each] = self._recorder.max_tracking_id(bookmark) or 0
            consumer.seek(each, self._reached[each])

    def _keeps_back(self, consumer: Any, heard: Collection[Any], *, busy: bool) -> bool:
        """Whether the client gives nothing of one partition that holds more, whatever the others give.

        Of a client that is busy with a backlog a partition may wait for its turn.
        """
        self._silent.difference_update(heard)
        self._owed.difference_update(heard)
        if busy or monotonic() - self._looked < STALLED / 2:
            return False
        silent = list(self._silent)
        ends = consumer.end_offsets(silent, timeout_ms=_REQUEST_MS) if silent else {}
        owed = {each for each, end in ends.items() if consumer.position(each) < end}
        stalled = bool(owed & self._owed)
        self._looked, self._owed, self._silent = monotonic(), owed, set(consumer.assignment())
        return stalled

    def _bookmark(self, consumer: Any, place: Any, end: int) -> str:
        """Of this very topic: one deleted and made again begins anew, under another id.

        So does a partition that ends before the bookmark: the broker has lost records, and puts
        others where they lay. What is read again for that was handled before, and is not again.
        """
        made = consumer._cluster.topic_id(place.topic)  # noqa: SLF001 - public in the cluster
        first = f"{self.name}@{place.topic}:{place.partition}#{made}"
        name, following, reached = first, f"{first}~1", self._recorder.max_tracking_id(first)
        while (further := self._recorder.max_tracking_id(following)) is not None:
            life = int(following.rpartition("~")[2]) + 1
            name, following, reached = following, f"{first}~{life}", further
        if (reached or 0) <= end:
            return name
        with suppress(IntegrityError):  # another instance has noticed it too
            self._recorder.insert_tracking(Tracking(following, 0))
        return following


def _partitions(consumer: Any, topic: str) -> list[Any]:
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise MissingTopic(topic)
    return [TopicPartition(topic, number) for number in sorted(numbers)]


Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""


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

    def ids(self, places: Collection[Place]) -> dict[Place, bytes | None]:
        """The `ce_id` of each record that is still there; about as quick for many as for one."""
        firsts: dict[Any, int] = {}
        for topic, partition, offset in places:
            at = TopicPartition(topic, partition)
            firsts[at] = min(offset, firsts.get(at, offset))
        consumer = self._connect()
        try:
            consumer.assign(list(firsts))
            begins = consumer.beginning_offsets(list(firsts), timeout_ms=_REQUEST_MS)
            for at, offset in firsts.items():
                consumer.seek(at, max(offset, begins[at]))
            wanted = {each for each in places if each[2] >= begins[TopicPartition(*each[:2])]}
            return _ids(consumer, wanted)
        finally:
            consumer.close()


def _ids(consumer: Any, wanted: Collection[Place]) -> dict[Place, bytes | None]:
    found: dict[Place, bytes | None] = {}
    deadline = monotonic() + _LOOK
    while len(found) < len(wanted) and monotonic() < deadline:
        for records in consumer.poll(timeout_ms=100).values():
            for record in records:
                place = record.topic, record.partition, record.offset
                if place in wanted:
                    found[place] = dict(record.headers).get("ce_id")
    return found
