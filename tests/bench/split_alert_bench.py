"""From a breach acknowledged to its alert committed by the desk in another process, on PostgreSQL.

Beside bare INSERTs between them on the same server: once read from the log, once over Kafka.
"""

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import psycopg

from deploy.kafka.cluster import Cluster, running
from spowatch.open_store import Store
from spowatch.settings.root import EmbeddedTransport, KafkaTransport, Transport
from tests.bench.log_bench import Figure
from tests.bench.postgres_logs import new_store, raw_save
from tests.bench.registers import breach, open_orders, state
from tests.forking import SPAWN
from tests.program import PATIENCE, Program, run
from tests.store.postgres.places import Place

BREACHES = 400
QUICK = 60
_LOOK = 0.0005
_ALERTS = (
    "SELECT position, state FROM spowatch.events "
    "WHERE position > %s AND topic = 'spo.alert-raised.v1' ORDER BY position"
)
_LAST = "SELECT coalesce(max(position), 0) FROM spowatch.events"


@dataclass(frozen=True, slots=True)
class Road:
    name: str
    a_second: float
    roles: Sequence[str]
    goals: tuple[str, str]


LOG = Road("PostgreSQL", 20, ("alert",), ("L5 <= 2.5x raw", "L5 <= 3x raw"))
KAFKA = Road("Kafka", 50, ("relay", "alert"), ("K1 <= 25 ms", "K1 <= 100 ms"))


def from_the_log(breaches: int = BREACHES) -> Iterator[Figure]:
    yield from _figures(LOG, EmbeddedTransport(), breaches)


def over_kafka(breaches: int = BREACHES) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="bench-") as folder, running(Cluster(Path(folder))) as cluster:
        run("topics", "apply", "--copies", "1", "--bootstrap", cluster.bootstrap)
        transport = KafkaTransport(kind="kafka", bootstrap=cluster.bootstrap)
        yield from _figures(KAFKA, transport, breaches)


def _figures(road: Road, transport: Transport, breaches: int) -> Iterator[Figure]:
    with new_store(transport) as (store, place), ExitStack() as stack:
        references = open_orders(store.register, breaches)
        for role in road.roles:
            program = Program(
                *("run", role, "--data-dir", str(store.settings.data_dir)),
                settings=settings_of(store, place),
            )
            stack.enter_context(program).said.until(lambda line: line.startswith("READY"))
        _until_raised(place, 2 * breaches)
        accepted, seen, raw = _report_each(store, place, references, road.a_second)
    waits = [(seen[reference] - at) / 1e6 for reference, at in accepted.items()]
    for percent, goal in zip((50, 99), road.goals, strict=True):
        value, base = (quantiles(times, n=100)[percent - 1] for times in (waits, raw))
        name = f"accepted -> alert committed, {road.name}, p{percent}"
        yield Figure(name, "ms", value, base, value / base, goal, waits if percent == 50 else [])


def settings_of(store: Store, place: Place) -> dict[str, str]:
    """The same store for a process of the program."""
    log = {"SPO_LOG__KIND": "postgres", "SPO_LOG__DSN": place.writer}
    match store.settings.transport:
        case EmbeddedTransport():
            return log
        case KafkaTransport() as kafka:
            broker = {"SPO_TRANSPORT__KIND": "kafka", "SPO_TRANSPORT__BOOTSTRAP": kafka.bootstrap}
            return log | broker


def _until_raised(place: Place, alerts: int) -> None:
    """Until the desk has caught up with what was there before it."""
    pause, deadline = threading.Event(), time.monotonic() + 8 * PATIENCE
    with psycopg.connect(place.reader, autocommit=True) as rows:
        while len(rows.execute(_ALERTS, [0]).fetchall()) < alerts:
            if time.monotonic() > deadline:
                msg = "the desk did not catch up"
                raise TimeoutError(msg)
            pause.wait(0.2)


def _report_each(
    store: Store, place: Place, references: Sequence[str], a_second: float
) -> tuple[dict[str, int], dict[str, int], list[float]]:
    """When each breach was acknowledged, when its alert was seen, and bare INSERTs between them."""
    ours, theirs = SPAWN.Pipe()
    watcher = SPAWN.Process(target=_watch, args=(place.reader, theirs, len(references)))
    watcher.start()
    ours.recv()
    accepted: dict[str, int] = {}
    raw: list[float] = []
    pause, save = threading.Event(), raw_save(place)
    for reference in references:
        pause.wait(random.expovariate(a_second))
        state(store.register, reference, [breach(datetime.now(UTC), "now")])
        accepted[reference] = time.monotonic_ns()
        pause.wait(1 / a_second / 2)
        begun = time.monotonic_ns()
        save()
        raw.append((time.monotonic_ns() - begun) / 1e6)
    seen = ours.recv()
    watcher.join()
    return accepted, seen, raw


def _watch(dsn: str, wire: Connection, expected: int) -> None:
    """In a process of its own: when the alert of each order was there to read."""
    seen: dict[str, int] = {}
    pause, deadline = threading.Event(), time.monotonic() + 8 * PATIENCE
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=0) as rows:
        [after] = rows.execute(_LAST).fetchone() or (0,)
        wire.send("ready")
        while len(seen) < expected and time.monotonic() < deadline:
            for position, told in rows.execute(_ALERTS, [after]).fetchall():
                after = position
                seen[json.loads(told)["event"]["reference"]] = time.monotonic_ns()
            pause.wait(_LOOK)
    wire.send(seen)
