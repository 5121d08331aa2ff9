"""What a Kafka cluster really guarantees, each shown by doing it on a topic made for the purpose."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any
from uuid import uuid4

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

from consumers.broker_trouble import BrokerTrouble
from consumers.kafka_reach import Reach

_COPIES, _IN_SYNC = 3, 2
_LARGEST = 262_144
_PATIENCE = 10.0
"""Seconds for each thing asked of the cluster, and for it to be reached at all."""
_CREATION_PATIENCE_MS = 1000
_NAME = "spowatch-check"
_WRITING = {
    "acks": "all",
    "linger_ms": 0,
    "max_block_ms": 5000,
    "delivery_timeout_ms": 10_000,
    "request_timeout_ms": 5000,
    "allow_auto_create_topics": False,
}


class CheckImpossible(Exception):
    """The cluster could not be reached, or gave no topic to check on."""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One thing this service relies on, whether the cluster gives it, and how that was seen."""

    name: str
    given: bool
    found: str
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Probe:
    """The cluster, with a topic of the check's own on it."""

    def __init__(self, reach: Reach, admin: KafkaAdminClient) -> None:
        self.admin = admin
        self.topic = f"spo.check-{uuid4().hex[:12]}.v1"
        self._reach = reach

    @property
    def place(self) -> TopicPartition:
        return TopicPartition(self.topic, 0)

    def create(self) -> None:
        """As our own topics are made, with as many copies as there are brokers for."""
        brokers = len(self.admin.describe_cluster()["brokers"])
        settings = {"min.insync.replicas": str(_IN_SYNC), "max.message.bytes": str(_LARGEST)}
        wanted = {
            "num_partitions": 1,
            "replication_factor": min(_COPIES, brokers),
            "configs": settings,
        }
        self.admin.create_topics({self.topic: wanted}, wait_for_metadata=True)

    def remove(self) -> None:
        self.admin.delete_topics([self.topic])

    @contextmanager
    def writer(self, **other: Any) -> Iterator[KafkaProducer]:
        client = self._reach.client(KafkaProducer, _NAME, **(_WRITING | other))
        try:
            yield client
        finally:
            # Everything was waited for; what the cluster never answered must not keep us here.
            client._sender.force_close()  # noqa: SLF001 - `close` waits for it, and raises
            client.close(timeout=_PATIENCE)

    def read(self, isolation: str) -> list[bytes]:
        """Every value on the topic that a reader of that isolation is shown."""
        settings = {"isolation_level": isolation, "enable_auto_commit": False}
        with closing(self._reach.client(KafkaConsumer, _NAME, **settings)) as client:
            client.assign([self.place])
            client.seek_to_beginning(self.place)
            end = client.end_offsets([self.place])[self.place]
            values: list[bytes] = []
            deadline = monotonic() + _PATIENCE
            while client.position(self.place) < end and monotonic() < deadline:
                for records in client.poll(timeout_ms=500).values():
                    values += [record.value for record in records]
            return values


def guarantees(reach: Reach, *, patience: float = _PATIENCE) -> Iterator[Guarantee]:
    """Each guarantee as it was seen. Raises `CheckImpossible`."""
    wait = int(patience * 1000)
    try:
        with closing(reach.client(KafkaAdminClient, _NAME, bootstrap_timeout_ms=wait)) as admin:
            probe = Probe(reach, admin)
            probe.create()
            try:
                for check in _CHECKS:
                    yield check(probe)
            finally:
                probe.remove()
    except (KafkaError, BrokerTrouble) as error:
        said = (
            str(error) if isinstance(error, BrokerTrouble) else f"{type(error).__name__}: {error}"
        )
        msg = f"{','.join(reach.brokers)} could not be checked: {said}"
        raise CheckImpossible(msg) from None


def _copies_before_the_answer(probe: Probe) -> Guarantee:
    """A broker takes min.insync.replicas for no more than there are copies, and says nothing."""
    with probe.writer() as client:
        client.send(probe.topic, b"copied").get(timeout=_PATIENCE)
    (topic,) = probe.admin.describe_topics([probe.topic])
    in_sync = len(topic["partitions"][0]["isr_nodes"])
    return Guarantee(
        "acknowledged means copied",
        in_sync >= _IN_SYNC,
        f"acks=all was answered with {in_sync} copy or copies in sync; {_IN_SYNC} were asked for",
        "run three brokers: min.insync.replicas=2 protects nothing where a topic has one copy",
    )


def _no_doubles(probe: Probe) -> Guarantee:
    """The same batch with the same sequence number is what a retry after a lost answer sends."""
    with probe.writer(enable_idempotence=True) as client:
        first = client.send(probe.topic, b"once").get(timeout=_PATIENCE)
        client._transaction_manager.set_sequence_number(probe.place, 0)  # noqa: SLF001 - no public way to repeat a batch
        again = client.send(probe.topic, b"once").get(timeout=_PATIENCE)
    kept = probe.read("read_uncommitted").count(b"once")
    return Guarantee(
        "a repeated send is kept once",
        kept == 1 and again.offset == first.offset,
        f"the same batch sent twice is there {kept} time(s)",
        "use Apache Kafka 4: this broker does not honour the idempotent producer",
    )


def _undone_stays_unseen(probe: Probe) -> Guarantee:
    with probe.writer(transactional_id=probe.topic) as client:
        client.init_transactions()
        client.begin_transaction()
        client.send(probe.topic, b"undone").get(timeout=_PATIENCE)
        client.abort_transaction()
        client.begin_transaction()
        client.send(probe.topic, b"done")
        client.commit_transaction()
    shown, there = probe.read("read_committed"), probe.read("read_uncommitted")
    return Guarantee(
        "read_committed shows no aborted message",
        b"undone" not in shown and b"done" in shown and b"undone" in there,
        f"aborted message shown: {b'undone' in shown}; committed one shown: {b'done' in shown}",
        "use Apache Kafka 4: this broker ignores the isolation level",
    )


def _limit_holds(probe: Probe) -> Guarantee:
    with probe.writer(enable_idempotence=True, max_request_size=8 * _LARGEST) as client:
        client.send(probe.topic, bytes(_LARGEST // 2)).get(timeout=_PATIENCE)
        try:
            client.send(probe.topic, bytes(2 * _LARGEST)).get(timeout=_PATIENCE)
            refused = False
        except MessageSizeTooLargeError:
            refused = True
    return Guarantee(
        "a message over the limit is refused",
        refused,
        f"{2 * _LARGEST} bytes where {_LARGEST} are allowed: {_word(refused)}",
        "set max.message.bytes as in the topics file: spowatch topics apply",
    )


def _nothing_by_itself(probe: Probe) -> Guarantee:
    """A misspelt topic that comes into being by itself swallows alerts that nobody reads."""
    name = f"{probe.topic}-misspelt"
    settings = {"allow_auto_create_topics": True, "max_block_ms": _CREATION_PATIENCE_MS}
    with probe.writer(**settings) as client, suppress(KafkaTimeoutError):
        client.send(name, b"lost").get(timeout=_PATIENCE)
    made = name in probe.admin.list_topics()
    if made:
        probe.admin.delete_topics([name])
    return Guarantee(
        "no topic comes into being by itself",
        not made,
        f"a topic that nobody made: {'made by a message' if made else 'refused'}",
        "set auto.create.topics.enable=false on every broker",
    )


def _no_unclean_leader(probe: Probe) -> Guarantee:
    """Read and not done: to do it, every copy in sync would have to be killed."""
    setting = "unclean.leader.election.enable"
    asked = [ConfigResource(ConfigResourceType.TOPIC, probe.topic)]
    told = probe.admin.describe_configs(asked, config_filter="all")["topic"][probe.topic]
    value = told[setting]["value"]
    return Guarantee(
        "no leader that misses acknowledged messages",
        value == "false",
        f"{setting}={value}",
        f"set {setting}=false on every broker; spowatch topics apply sets it on our topics",
    )


def _word(refused: object) -> str:
    return "refused" if refused else "taken"


_CHECKS: tuple[Callable[[Probe], Guarantee], ...] = (
    _copies_before_the_answer,
    _no_doubles,
    _undone_stays_unseen,
    _limit_holds,
    _nothing_by_itself,
    _no_unclean_leader,
)
