"""Figures of the log on SQLite, each beside its baseline of the same run.

`python -m tests.bench.log_bench` prints one JSON line a figure with every sample, then a table of medians. Only ratios compare
between machines.
"""

import json
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TypeVar
from uuid import UUID, uuid4

from eventsourcing.persistence import EventStore, StoredEvent

from domain.events import RecordedEvent
from spowatch.store.keys import KeyStore
from spowatch.store.keys_sqlite import migrate_keys, sqlite_keys
from spowatch.store.log_reader import SqliteLogReader
from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.mapper import EventMapper
from spowatch.store.sqlite_connection import connect
from spowatch.store.vault import protected_key_id
from tests.forking import SPAWN
from tests.store.sample_events import NOON, PatrolNoted, Person, contact, recorded

ROUNDS = 9
COMMITS_A_ROUND = 150
LOG_LENGTH = 60_000
STREAM_LENGTH = 12
PAGE = 500
SEALS_A_ROUND = 3_000
SEEN = 400
MASTER = bytes(32)
GOAL_L8 = "L8 <= 10 us added"
INSERT = "INSERT INTO events (originator_id, originator_version, topic, state) VALUES (?, ?, ?, ?)"
NARRATIVE = "He stood outside her work for an hour and shouted her name. " * 3


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`, `baseline` in the same unit, and `ratio`, the median of round ratios."""

    name: str
    unit: str
    value: float
    baseline: float
    ratio: float
    goal: str
    samples: Sequence[float]


@dataclass(frozen=True, slots=True)
class Bench:
    folder: Path
    keys: KeyStore
    sealing: EventMapper
    plain: EventMapper

    def new_log(self) -> Path:
        path = self.folder / f"{uuid4()}.db"
        migrate_log(path)
        return path


def unsealed(stream: UUID, version: int) -> RecordedEvent:
    event = PatrolNoted(occurred_at=NOON, area=NARRATIVE, visits=(1, 2, 3))
    return recorded(event, version=version, stream=stream)


def sealed(stream: UUID, version: int) -> RecordedEvent:
    told_by = Person(name="Ann Lee", place="4 Elm Row, Dover")
    event = contact(NARRATIVE, alias="Jack Lee", told_by=told_by)
    return recorded(event, version=version, stream=stream)


def one_word(stream: UUID, version: int) -> RecordedEvent:
    return recorded(contact(NARRATIVE), version=version, stream=stream)


Make = Callable[[UUID, int], RecordedEvent]
T = TypeVar("T")


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def appends(bench: Bench, make: Make, name: str) -> Figure:
    """One event a commit through mapper and log, against the same bytes by hand."""
    ours, theirs = [], []
    with (
        closing(SqliteLog(bench.new_log())) as log,
        closing(connect(bench.new_log())) as raw,
    ):
        store = EventStore(bench.sealing, log)
        for turn in range(ROUNDS):
            events = [make(uuid4(), 1) for _ in range(COMMITS_A_ROUND)]
            rows = [_row(bench.sealing.to_stored_event(event)) for event in events]
            both = [
                lambda events=events: ours.append(_put_each(store, events)),
                lambda rows=rows: theirs.append(_insert_each(raw, rows)),
            ]
            for half in both if turn % 2 else reversed(both):
                half()
    ratios = [raw / our for our, raw in zip(ours, theirs, strict=True)]
    value, base = (COMMITS_A_ROUND / median(times) for times in (ours, theirs))
    return Figure(name, "commits/s", value, base, median(ratios), "L2 >= 0.85", ratios)


def _put_each(store: EventStore[UUID], events: Sequence[RecordedEvent]) -> float:
    return seconds(lambda: [store.put([event]) for event in events])


def _insert_each(raw: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> float:
    def insert() -> None:
        for row in rows:
            raw.execute("BEGIN")
            raw.execute(INSERT, row)
            raw.execute("COMMIT")

    return seconds(insert)


def _row(stored: StoredEvent) -> tuple[object, ...]:
    stream: UUID = stored.originator_id  # type: ignore[assignment]  # never text here
    return (stream.bytes, stored.originator_version, stored.topic, stored.state)


def replay(bench: Bench, make: Make, name: str, goal: str) -> Figure:
    """All of a log read in pages, decoded, validated and folded, against reading its rows."""
    path = bench.new_log()
    with closing(SqliteLog(path)) as log, closing(connect(path)) as raw:
        for first in range(0, LOG_LENGTH, PAGE * STREAM_LENGTH):
            count = min(PAGE * STREAM_LENGTH, LOG_LENGTH - first) // STREAM_LENGTH
            streams = [uuid4() for _ in range(count)]
            versions = range(1, STREAM_LENGTH + 1)
            events = [make(stream, version) for version in versions for stream in streams]
            log.insert_events([bench.sealing.to_stored_event(event) for event in events])
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(seconds(lambda: _fold_all(log, bench.sealing)))
            theirs.append(seconds(lambda: _select_all(raw)))
    ratios = [raw_time / our for our, raw_time in zip(ours, theirs, strict=True)]
    value, base = (LOG_LENGTH / median(times) for times in (ours, theirs))
    samples = [LOG_LENGTH / each for each in ours]
    return Figure(name, "events/s", value, base, median(ratios), goal, samples)


def _fold_all(log: SqliteLog, mapper: EventMapper) -> dict[UUID, int]:
    versions: dict[UUID, int] = {}
    position = 0
    while page := log.select_notifications(position, PAGE, inclusive_of_start=False):
        position = page[-1].id
        for each in page:
            told = mapper.to_domain_event(each)
            versions[told.originator_id] = told.originator_version
    return versions


def _select_all(raw: sqlite3.Connection) -> None:
    sql = "SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?"
    position = 0
    while page := raw.execute(sql, (position, PAGE)).fetchall():
        position = page[-1][0]


def seals(bench: Bench, make: Make, name: str) -> Iterator[Figure]:
    """What the seal adds to writing an event, and to reading one."""
    orders = [uuid4() for _ in range(SEALS_A_ROUND // STREAM_LENGTH)]
    bench.keys.create([protected_key_id(order) for order in orders])
    events = [make(order, version) for order in orders for version in range(STREAM_LENGTH)]
    closed = [bench.sealing.to_stored_event(event) for event in events]
    bare = [bench.plain.to_stored_event(event) for event in events]
    sealing, plain = bench.sealing, bench.plain
    ways = (
        ("seal", _each(sealing.to_stored_event, events), _each(plain.to_stored_event, events)),
        ("open", _each(sealing.to_domain_event, closed), _each(plain.to_domain_event, bare)),
    )
    for way, with_seal, without in ways:
        pairs = [(seconds(with_seal), seconds(without)) for _ in range(ROUNDS)]
        added = [(one - other) / len(events) * 1e6 for one, other in pairs]
        base = median(other for _, other in pairs) / len(events) * 1e6
        ratio = median(one / other for one, other in pairs)
        yield Figure(f"{way} {name}", "us/event", median(added), base, ratio, GOAL_L8, added)


def _each(work: Callable[[T], object], items: Sequence[T]) -> Callable[[], None]:
    def run() -> None:
        for item in items:
            work(item)

    return run


def watch(path: Path, wire: Connection) -> None:
    """In a process of its own: when each position was seen, in monotonic nanoseconds."""
    seen: list[int] = []
    with closing(SqliteLog(path)) as log:
        reader = SqliteLogReader(log)
        wire.send("ready")
        while len(seen) < SEEN:
            found = reader.read(len(seen), limit=10, wait=30)
            seen.extend(time.monotonic_ns() for _ in found)
    wire.send(seen)


def hand_overs(bench: Bench) -> Iterator[Figure]:
    """From `insert_events` returning here to `read` returning in another process."""
    path = bench.new_log()
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=watch, args=(path, theirs))
    process.start()
    ours.recv()
    accepted, raw_commits = [], []
    with closing(SqliteLog(path)) as log, closing(connect(bench.new_log())) as raw:
        for stored in (bench.sealing.to_stored_event(unsealed(uuid4(), 1)) for _ in range(SEEN)):
            time.sleep(random.uniform(0.004, 0.016))
            raw_commits.append(_insert_each(raw, [_row(stored)]) * 1e3)
            log.insert_events([stored])
            accepted.append(time.monotonic_ns())
    waits = [(seen - at) / 1e6 for at, seen in zip(accepted, ours.recv(), strict=True)]
    process.join()
    for name, percent in (("accepted -> seen p50", 50), ("accepted -> seen p99", 99)):
        value, base = (
            quantiles(waits, n=100)[percent - 1],
            quantiles(raw_commits, n=100)[percent - 1],
        )
        yield Figure(name, "ms", value, base, value / base, "", waits if percent == 50 else [])


def idle_wait(bench: Bench) -> Figure:
    """Processor time of a process with eight readers that wait for nothing."""
    with closing(SqliteLog(bench.new_log())) as log:
        reader = SqliteLogReader(log)

        def wait(readers: int) -> float:
            threads = [
                Thread(target=reader.read, args=(0,), kwargs={"limit": 1, "wait": 2.0})
                for _ in range(readers)
            ]
            started = time.process_time()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return (time.process_time() - started) / 2.0 * 100

        one, eight = wait(1), wait(8)
    return Figure("8 idle readers", "% of a core", eight, one, eight / one, "", [one, eight])


def figures(bench: Bench) -> Iterator[Figure]:
    yield appends(bench, unsealed, "append, nothing sealed (L2)")
    yield appends(bench, sealed, "append, four sealed words")
    yield replay(bench, unsealed, "replay, nothing sealed (L6)", "L6 >= 100,000/s")
    yield replay(bench, sealed, "replay, four sealed words", "")
    yield from seals(bench, one_word, "one narrative (L8)")
    yield from seals(bench, sealed, "four sealed words (L8)")
    yield from hand_overs(bench)
    yield idle_wait(bench)


@contextmanager
def opened() -> Iterator[Bench]:
    with TemporaryDirectory() as name:
        path = Path(name) / "keys.db"
        migrate_keys(path, MASTER)
        with closing(sqlite_keys(path, MASTER)) as keys:
            sealing, plain = EventMapper(keys, upcasters={}), EventMapper(None, upcasters={})
            yield Bench(Path(name), keys, sealing, plain)


def main() -> None:
    with opened() as bench:
        found = []
        for figure in figures(bench):
            print(json.dumps(asdict(figure)), flush=True)
            found.append(figure)
    print(f"\n{'figure':32}{'value':>12}{'baseline':>12}{'ratio':>8}  unit", file=sys.stdout)
    for each in found:
        print(
            f"{each.name:32}{each.value:12,.2f}{each.baseline:12,.2f}{each.ratio:8.2f}"
            f"  {each.unit}  {each.goal}"
        )


if __name__ == "__main__":
    main()
