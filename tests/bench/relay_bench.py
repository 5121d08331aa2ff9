"""The relay draining a backlog from PostgreSQL to Kafka, beside a bare produce loop of its messages."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from kafka import KafkaProducer

from consumers.relay import Relay
from consumers.relay_messages import Message, messages_of
from deploy.kafka.broker import STEADY_JVM
from deploy.kafka.cluster import Cluster, running
from spowatch.open_store import Store
from spowatch.settings.root import KafkaTransport
from spowatch.store.outgoing_reader import OutgoingReader
from spowatch.wiring.kafka import relay_to
from spowatch.wiring.log import whole_reader
from tests.bench.log_bench import Figure, seconds
from tests.bench.postgres_logs import new_store
from tests.bench.registers import open_orders
from tests.program import run

BACKLOG = 100_000
QUICK = 6_000
_ROUNDS = 3
_A_SAVE = 4_000
_WAIT = 0.05


def figures(backlog: int = BACKLOG) -> Iterator[Figure]:
    """The broker is one node; `acks=all` and idempotent on both sides."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        cluster = stack.enter_context(running(Cluster(folder, jvm=STEADY_JVM)))
        run("topics", "apply", "--copies", "1", "--bootstrap", cluster.bootstrap)
        transport = KafkaTransport(kind="kafka", bootstrap=cluster.bootstrap)
        store, _ = stack.enter_context(new_store(transport))
        relay = stack.enter_context(relay_to(transport, store))
        yield from _rounds(store, relay, cluster.bootstrap, backlog)


def _rounds(store: Store, relay: Relay, bootstrap: str, backlog: int) -> Iterator[Figure]:
    open_orders(store.register, 1)
    life = [each for each in store.log.select_notifications(None, 100) if _goes_out(store, each.id)]
    _drain(relay, store.log.max_notification_id() or 0)
    ours, raw, sent = [], [], 0
    for _ in range(_ROUNDS):
        before = store.log.max_notification_id() or 0
        added = _fill(store, life, backlog // _ROUNDS)
        ours.append(seconds(partial(_drain, relay, added)))
        messages = _messages(store, before, added)
        raw.append(seconds(partial(_produce, bootstrap, messages)))
        sent += len(messages)
    ratios = [other / our for our, other in zip(ours, raw, strict=True)]
    rates = [sent / _ROUNDS / median(times) for times in (ours, raw)]
    name = "relay, against a bare produce loop"
    yield Figure(name, "messages/s", rates[0], rates[1], median(ratios), "K6 >= 0.6", ratios)
    whole, base = sum(ours), sum(raw)
    name = f"backlog of {backlog:,} events drained"
    yield Figure(name, "s", whole, base, whole / base, "K6 <= 15 s", ours)


def _goes_out(store: Store, position: int) -> bool:
    return bool(_messages(store, position - 1, 1))


def _fill(store: Store, life: Sequence[StoredEvent], events: int) -> int:
    """The lives of as many other orders; how many events that is."""
    lives = events // len(life)
    for first in range(0, lives, _A_SAVE // len(life)):
        orders = [uuid4() for _ in range(min(_A_SAVE // len(life), lives - first))]
        store.log.insert_events(
            [
                StoredEvent(order, version, each.topic, each.state)
                for order in orders
                for version, each in enumerate(life, start=1)
            ]
        )
    return lives * len(life)


def _drain(relay: Relay, events: int) -> None:
    done = 0
    while done < events:
        done += relay.work(_WAIT)


def _messages(store: Store, after: int, events: int) -> list[Message]:
    reader = OutgoingReader(whole_reader(store.log), store.log)
    return [m for out in reader.read(after, limit=events, wait=0) for m in messages_of(out)]


def _produce(bootstrap: str, messages: Sequence[Message]) -> None:
    with closing(KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0)) as producer:
        sent = [
            producer.send(each.topic, key=each.key, value=each.value, headers=each.headers)
            for each in messages
        ]
        for each in sent:
            each.get(timeout=60)
