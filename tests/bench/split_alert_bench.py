"""From a breach acknowledged to its alert committed by the desk in another process, on PostgreSQL.

Beside bare INSERTs between them on the same server: once read from the log, once over Kafka. On the log a bare
desk follows, which judges nothing: what is left of the figure when all that is ours is taken out of it.
"""

import json
import random
import threading
import time
from collections.abc import Generator, Iterator, Sequence
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
from spowatch.settings.root import EmbeddedTransport, KafkaTransport
from tests.bench.bare_desk import bare_desk
from tests.bench.log_bench import Figure
from tests.bench.postgres_logs import new_store, raw_save
from tests.bench.registers import breach, open_orders, state
from tests.forking import SPAWN
from tests.program import PATIENCE, Program, run
from tests.store.postgres.places import Place

BREACHES = 400
QUICK = 60
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
    with new_store() as (store, place):
        raw = yield from _figures(LOG, store, place, breaches)
        with bare_desk(place, breaches, LOG.a_second) as bare:
            waits = bare.waits(breaches)
    for percent in (50, 99):
        value, base = (quantiles(times, n=100)[percent - 1] for times in (waits, raw))
        yield Figure(
            f"the same by a bare desk, p{percent}", "ms", value, base, value / base, "", []
        )


def over_kafka(breaches: int = BREACHES) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="bench-") as folder, running(Cluster(Path(folder))) as cluster:
        run("topics", "apply", "--copies", "1", "--bootstrap", cluster.bootstrap)
        transport = KafkaTransport(kind="kafka", bootstrap=cluster.bootstrap)
        with new_store(transport) as (store, place):
            yield from _figures(KAFKA, store, place, breaches)


def _figures(
    road: Road, store: Store, place: Place, breaches: int
) -> Generator[Figure, None, list[float]]:
    """Returns how long the bare INSERTs took, in milliseconds."""
    with ExitStack() as stack:
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
    return raw


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
    """In a process of its own: when the alert of each order was there to read.

    It sleeps until the log says that something was committed: one that looks all the time takes a core from the desk.
    """
    seen: dict[str, int] = {}
    deadline = time.monotonic() + 8 * PATIENCE
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=0) as rows:
        rows.execute("LISTEN spowatch_log")
        [after] = rows.execute(_LAST).fetchone() or (0,)
        wire.send("ready")
        while len(seen) < expected and time.monotonic() < deadline:
            for position, told in rows.execute(_ALERTS, [after]).fetchall():
                after = position
                seen[json.loads(told)["event"]["reference"]] = time.monotonic_ns()
            for _ in rows.notifies(timeout=1, stop_after=1):
                break
    wire.send(seen)
