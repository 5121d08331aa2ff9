"""From a breach acknowledged in one process to its alert committed by the desk in another."""

import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles

from spowatch.open_store import Store
from spowatch.store.log_schema import migrate_log
from spowatch.store.sqlite_connection import connect
from tests.bench.log_bench import Figure, seconds
from tests.bench.registers import breach, new_store, open_orders, state
from tests.forking import SPAWN
from tests.program import Program

BREACHES = 300
_A_SECOND = 20
_LOOK = 0.0003
"""Seconds between two looks of the reader: what it adds to the figure at most."""
_ALERTS = (
    "SELECT position, state FROM events WHERE position > ? AND topic = 'spo.alert-raised.v1' "
    "ORDER BY position"
)
_INSERT = "INSERT INTO events (originator_id, originator_version, topic, state) VALUES (?, ?, ?, ?)"


def figures(breaches: int = BREACHES) -> Iterator[Figure]:
    with new_store() as store:
        references = open_orders(store.register, breaches)
        with Program("run", "alert", "--data-dir", str(store.settings.data_dir)) as desk:
            desk.said.until(lambda line: line.startswith("READY alert"))
            _until_read(store)
            accepted, seen, raw = _report_each(store, references)
            desk.stop()
    waits = [(seen[reference] - at) / 1e6 for reference, at in accepted.items()]
    base = median(raw)
    for percent, goal in ((50, "<= 10 ms"), (99, "")):
        value = quantiles(waits, n=100)[percent - 1]
        name = f"accepted -> alert committed p{percent}"
        yield Figure(name, "ms", value, base, value / base, goal, waits if percent == 50 else [])


def _report_each(
    store: Store, references: list[str]
) -> tuple[dict[str, int], dict[str, int], list[float]]:
    """When each breach was acknowledged, when its alert was seen, and raw commits between them."""
    ours, theirs = SPAWN.Pipe()
    watching = (store.settings.log_path, theirs, len(references))
    reader = SPAWN.Process(target=watch, args=watching)
    reader.start()
    ours.recv()
    raw_log = store.settings.data_dir / "raw.db"
    migrate_log(raw_log)
    accepted: dict[str, int] = {}
    raw: list[float] = []
    pause = threading.Event()
    with closing(connect(raw_log)) as beside:
        for reference in references:
            pause.wait(random.expovariate(_A_SECOND))
            state(store.register, reference, [breach(datetime.now(UTC), "now")])
            accepted[reference] = time.monotonic_ns()
            pause.wait(1 / _A_SECOND / 2)
            raw.append(_raw_commit(beside, len(raw)) * 1e3)
    seen = ours.recv()
    reader.join()
    return accepted, seen, raw


def watch(log: Path, wire: Connection, expected: int) -> None:
    """In a process of its own: when the alert of each order was there to read."""
    seen: dict[str, int] = {}
    pause = threading.Event()
    with closing(connect(log)) as rows:
        after = rows.execute("SELECT max(position) FROM events").fetchone()[0]
        wire.send("ready")
        while len(seen) < expected:
            for position, told in rows.execute(_ALERTS, (after,)).fetchall():
                after = position
                seen[json.loads(told)["event"]["reference"]] = time.monotonic_ns()
            pause.wait(_LOOK)
    wire.send(seen)


def _until_read(store: Store) -> None:
    pause = threading.Event()
    while store.log.max_tracking_id("arrest-desk") != store.log.max_notification_id():
        pause.wait(0.05)


def _raw_commit(raw: sqlite3.Connection, number: int) -> float:
    """A breach and its finding, put in by hand."""
    rows = [(number.to_bytes(16), version, "spo.bench.v1", b"x" * 700) for version in (1, 2)]

    def insert() -> None:
        raw.execute("BEGIN")
        for row in rows:
            raw.execute(_INSERT, row)
        raw.execute("COMMIT")

    return seconds(insert)
