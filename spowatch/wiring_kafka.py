"""Consumers over Apache Kafka, built from settings."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from socket import gethostname
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from eventsourcing.persistence import IntegrityError

from consumers import kafka_records, relay
from consumers.intake import INTAKE, Intake
from consumers.kafka_feed import KafkaFeed
from consumers.kafka_records import BrokerView, KafkaRecords
from consumers.relay import Outlet, Relay
from consumers.relay_ledger import Sent
from consumers.relay_messages import ALERT_REQUESTED
from domain.unread import MessageUnread, record_unread
from spowatch.facts_file import read_line
from spowatch.importing import import_line
from spowatch.settings import KafkaTransport
from spowatch.store.outgoing_reader import OutgoingReader
from spowatch.store.relay_ledger_sqlite import SqliteRelayLedger, migrate_ledger
from spowatch.wiring_log import whole_reader

if TYPE_CHECKING:
    from spowatch.open_store import Store

_log = structlog.get_logger()
_LONGEST_REASON = 200


@contextmanager
def kafka_feed_for(
    name: str, kafka: KafkaTransport, store: "Store", clock: Callable[[], datetime]
) -> Iterator[KafkaFeed]:
    """What demands an alert, from the broker."""
    connect = partial(kafka_records.connected, kafka.brokers, f"{name}@{gethostname()}")
    bad = partial(put_before_a_person, store, clock, name)
    records = KafkaRecords(name, [kafka.prefix + ALERT_REQUESTED], connect, store.log)
    with closing(KafkaFeed(records, bad)) as feed:
        yield feed


@contextmanager
def intake_from(
    kafka: KafkaTransport, store: "Store", clock: Callable[[], datetime]
) -> Iterator[Intake]:
    """Commands from the broker to this register."""
    connect = partial(kafka_records.connected, kafka.brokers, f"intake@{gethostname()}")
    records = KafkaRecords("intake", [kafka.prefix + INTAKE], connect, store.log)
    bad = partial(put_before_a_person, store, clock, "intake")
    with closing(Intake(records, partial(tell, store, clock), bad)) as intake:
        yield intake


def tell(store: "Store", clock: Callable[[], datetime], command: bytes, *, key: str) -> str | None:
    """A line of a facts file, told under its own ids or `key`. Why it cannot be read, or None."""
    line = read_line(1, command)
    facts = line.case.get("given", [line.case]) if isinstance(line.case, dict) else []
    for number, fact in enumerate(facts if isinstance(facts, list) else []):
        if isinstance(fact, dict):
            fact.setdefault("command_id", f"{key}:{number}")
    outcome = import_line(line, store.register, now=clock())
    if outcome.error is None:
        return None
    return f"{outcome.error.field} {outcome.error.problem}"[:_LONGEST_REASON]


@contextmanager
def relay_to(kafka: KafkaTransport, store: "Store") -> Iterator[Relay]:
    """The relay to that broker; its ledger is made when there is none."""
    name = f"relay@{gethostname()}:{uuid4().hex[:8]}"
    migrate_ledger(store.settings.relay_path)
    ledger = SqliteRelayLedger(store.settings.relay_path)
    reader = OutgoingReader(whole_reader(store.log), store.log)
    view = BrokerView(partial(kafka_records.connected, kafka.brokers, name))
    outlet = Outlet(partial(relay.connected, kafka.brokers, name), view, kafka.prefix)
    working = Relay(name, reader, ledger, outlet, log_lost)
    try:
        yield working
    finally:
        working.close()
        ledger.close()


def put_before_a_person(
    store: "Store", clock: Callable[[], datetime], reader: str, record: Any, reason: str
) -> None:
    """A record nobody can read is on record, and so said on the console, before it is passed over."""
    unread = MessageUnread(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        reader=reader,
        reason=reason,
        sha256=sha256(record.value or b"").hexdigest(),
    )
    with suppress(IntegrityError):  # another reader met it in the same moment
        record_unread(store.register, unread, clock())


def log_lost(lost: Sequence[Sent]) -> None:
    _log.error(
        "records lost by the broker",
        topic=lost[0].topic,
        partition=lost[0].partition,
        count=len(lost),
        first_position=lost[0].position,
    )
