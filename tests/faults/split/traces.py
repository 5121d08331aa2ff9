"""What the split system left behind: rows of the database, records of the broker, lines of the console, faults."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
from kafka import KafkaConsumer, TopicPartition

from tests.faults.evidence import Entry, Evidence
from tests.servers.kafka_clients import CONSUMER

_EVENTS = (
    "SELECT position, originator_id, originator_version, topic, state "
    "FROM spowatch.events ORDER BY position"
)


@dataclass(frozen=True, slots=True)
class Row:
    """An event with its place in the log, its times and what caused it."""

    position: int
    entry: Entry
    entered_at: float
    cause: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What lies at the broker."""

    topic: str
    partition: int
    offset: int
    key: bytes
    event_id: str
    position: int
    epoch: int
    republished: bool
    at: float
    """When the producer made it, by the machine's clock."""
    said: bytes
    """Everything in it, for whoever looks for words that must not be there."""


def rows_of(dsn: str) -> list[Row]:
    with psycopg.connect(dsn) as connection:
        return [_row(*each) for each in connection.execute(_EVENTS).fetchall()]


def _row(position: int, stream: str, version: int, topic: str, state: bytes) -> Row:
    told = json.loads(state)
    event, meta = told["event"], told["meta"]
    identity = str(uuid5(UUID(stream), str(version)))
    entry = Entry(
        event_id=identity,
        stream=str(UUID(stream)),
        version=version,
        topic=topic,
        order=None,
        command_id=meta.get("command_id"),
        event=event,
    )
    entered = datetime.fromisoformat(meta["entered_at"]).timestamp()
    return Row(position, entry, entered, meta.get("causation_id"))


def evidence_from(rows: Sequence[Row], console: Path) -> Evidence:
    """As the oracle reads it; each event with the reference of the order or alert it is of."""
    names = {
        row.entry.stream: row.entry.event.get("reference") for row in rows if row.entry.version == 1
    }
    entries = [_named(row.entry, names.get(row.entry.stream)) for row in rows]
    said = console.read_text(encoding="utf-8").splitlines() if console.exists() else []
    return Evidence(entries, [json.loads(line) for line in said])


def _named(entry: Entry, order: str | None) -> Entry:
    return Entry(
        entry.event_id,
        entry.stream,
        entry.version,
        entry.topic,
        order,
        entry.command_id,
        entry.event,
    )


def records_of(bootstrap: str, topics: Sequence[str]) -> list[Record]:
    """Every record of the topics, by partition in the order of the offsets."""
    with closing(KafkaConsumer(bootstrap_servers=bootstrap.split(","), **CONSUMER)) as consumer:
        places = [
            TopicPartition(topic, number)
            for topic in topics
            for number in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        found: list[Record] = []
        while any(consumer.position(each) < ends[each] for each in places):
            for records in consumer.poll(timeout_ms=500).values():
                found += [_record(each) for each in records]
    return sorted(found, key=lambda each: (each.topic, each.partition, each.offset))


def _record(record: Any) -> Record:
    headers = dict(record.headers)
    return Record(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        event_id=headers["ce_id"].decode(),
        position=int(headers["ce_sequence"]),
        epoch=int(headers["relayepoch"]),
        republished="republished" in headers,
        at=record.timestamp / 1000,
        said=b"\n".join([record.key, record.value, *(value for value in headers.values())]),
    )


def faults_said(folder: Path) -> list[str]:
    """Unhandled exceptions in what the processes said of themselves."""
    return [
        f"{file.stem}: {line}"
        for file in sorted(folder.glob("*.err"))
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.startswith("Traceback")
    ]
