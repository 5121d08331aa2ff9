"""The slowest save while operators work on the log's table, beside the library's on its own."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from tests.bench.log_bench import Figure
from tests.bench.postgres_logs import event, library, library_save, measured_place, our_save
from tests.store.postgres.places import Place

EVENTS = 40_000
QUICK = 4_000
_A_BATCH = 250
_WORK = (
    SQL("VACUUM (FREEZE) {table}"),
    SQL("ANALYZE {table}"),
    SQL("CREATE INDEX CONCURRENTLY measured ON {table} (topic)"),
    SQL("REINDEX INDEX CONCURRENTLY {schema}.measured"),
    SQL("DROP INDEX CONCURRENTLY {schema}.measured"),
)
_SLOWLY = "SET vacuum_cost_delay = '10ms'"
"""As a busy server's autovacuum goes about it, so that saves fall into each part of it."""


def figures(events: int = EVENTS) -> Iterator[Figure]:
    with measured_place() as place:
        _fill(place, events)
        name = f"slowest save in maintenance, {events:,} events"
        ours = _slowest(place, ("spowatch", "events"), our_save(place))
        theirs = _slowest(place, ("library", "stored_events"), library_save(place))
    yield Figure(name, "ms", ours[0], theirs[0], ours[0] / theirs[0], "L4 <= 250 ms", ours)


def _fill(place: Place, events: int) -> None:
    recorders = (place.open(), library(place.writer))
    for _ in range(0, events, _A_BATCH):
        batch = [event() for _ in range(_A_BATCH)]
        for recorder in recorders:
            recorder.insert_events(batch)


def _slowest(place: Place, table: tuple[str, str], save: Callable[[], object]) -> Sequence[float]:
    """Milliseconds of each save that fell into the work, the slowest first."""
    over, took = threading.Event(), []
    with ThreadPoolExecutor() as pool:
        working = pool.submit(_work_on, place, table, over)
        while not over.is_set():
            begun = perf_counter()
            save()
            took.append((perf_counter() - begun) * 1e3)
        working.result()
    return sorted(took, reverse=True)[:100]


def _work_on(place: Place, table: tuple[str, str], over: threading.Event) -> None:
    try:
        with psycopg.connect(place.administrator, autocommit=True) as administrator:
            administrator.execute(_SLOWLY)
            for work in _WORK:
                administrator.execute(_worded(work, table))
    finally:
        over.set()


def _worded(work: SQL, table: tuple[str, str]) -> Composed:
    return work.format(table=Identifier(*table), schema=Identifier(table[0]))
