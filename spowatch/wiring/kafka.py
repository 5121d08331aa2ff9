"""Consumers over Apache Kafka, built from settings."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from hashlib import sha256
from socket import gethostname
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog

from consumers import kafka_records, relay_producer
from consumers.intake import INTAKE, Intake
from consumers.kafka_feed import KafkaFeed
from consumers.kafka_records import BrokerView, KafkaRecords
from consumers.relay import Outlet, Relay
from consumers.relay_ledger import Sent
from consumers.relay_messages import ALERT_REQUESTED
from domain.unread import MessageUnread, record_unread
from spowatch.intake_facts import tell
from spowatch.kafka.security import reach_of
from spowatch.metrics.of_roles import BrokerMeters
from spowatch.settings.root import KafkaTransport
from spowatch.store.outgoing_reader import OutgoingReader
from spowatch.wiring.ledger import opened_ledger
from spowatch.wiring.log import whole_reader

if TYPE_CHECKING:
    from spowatch.open_store import Store

_log = structlog.get_logger()


@contextmanager
def kafka_feed_for(
    name: str, kafka: KafkaTransport, store: "Store", clock: Callable[[], datetime]
) -> Iterator[KafkaFeed]:
    """What demands an alert, from the broker."""
    connect = partial(kafka_records.connected, reach_of(kafka), f"{name}@{gethostname()}")
    bad = partial(put_before_a_person, store, clock, name)
    records = KafkaRecords(name, [kafka.prefix + ALERT_REQUESTED], connect, store.log)
    _told(store.meters.broker, records)
    with closing(KafkaFeed(records, bad)) as feed:
        yield feed


@contextmanager
def intake_from(
    kafka: KafkaTransport, store: "Store", clock: Callable[[], datetime]
) -> Iterator[Intake]:
    """Commands from the broker to this register."""
    connect = partial(kafka_records.connected, reach_of(kafka), f"intake@{gethostname()}")
    records = KafkaRecords("intake", [kafka.prefix + INTAKE], connect, store.log)
    bad = partial(put_before_a_person, store, clock, "intake")
    _told(store.meters.broker, records)
    with closing(Intake(records, partial(tell, store, clock), bad)) as intake:
        yield intake


@contextmanager
def relay_to(kafka: KafkaTransport, store: "Store") -> Iterator[Relay]:
    """The relay to that broker; its ledger is made when there is none."""
    meters = store.meters.broker
    name = f"relay@{gethostname()}:{uuid4().hex[:8]}"
    reader = OutgoingReader(whole_reader(store.log), store.log)
    reach = reach_of(kafka)
    view = BrokerView(partial(kafka_records.connected, reach, name))
    outlet = Outlet(partial(relay_producer.connected, reach, name), view, kafka.prefix)
    with (
        opened_ledger(store.settings, kafka.prefix) as ledger,
        closing(Relay(name, reader, ledger, outlet, partial(log_lost, meters))) as working,
    ):
        meters.in_flight.set_function(lambda: working.in_flight)
        yield working


def _told(meters: BrokerMeters, records: KafkaRecords) -> None:
    """All of a reader's series from the first, so that the first bad record is an increase."""
    meters.bad.labels(records.name)
    meters.behind.labels(records.name).set_function(lambda: records.behind)
    meters.behind_for.labels(records.name).set_function(lambda: records.behind_for)


def put_before_a_person(
    store: "Store",
    clock: Callable[[], datetime],
    reader: str,
    bad: Sequence[tuple[Any, str]],
) -> None:
    """Records nobody can read are on record, and so said on the console, before they are passed."""
    store.meters.broker.bad.labels(reader).inc(len(bad))
    record_unread(store.register, [_unread(reader, *each) for each in bad], clock())


def _unread(reader: str, record: Any, reason: str) -> MessageUnread:
    return MessageUnread(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        reader=reader,
        reason=reason,
        sha256="" if record.value is None else sha256(record.value).hexdigest(),
    )


def log_lost(meters: BrokerMeters, lost: Sequence[Sent]) -> None:
    meters.lost.inc(len(lost))
    _log.error(
        "records lost by the broker",
        topic=lost[0].topic,
        partition=lost[0].partition,
        count=len(lost),
        first_position=lost[0].position,
    )
