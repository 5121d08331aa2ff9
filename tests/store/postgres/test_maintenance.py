"""What operators do to the log's tables while it is written to."""

import threading
from contextlib import closing
from time import monotonic
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent

from spowatch.store.log_postgres import PostgresLog
from tests.store.other_processes import stored
from tests.store.postgres.places import Place

SLOWEST = 0.25
WORK = (
    "VACUUM (FREEZE) spowatch.events",
    "ANALYZE spowatch.events",
    "CREATE INDEX CONCURRENTLY by_topic ON spowatch.events (topic)",
    "REINDEX INDEX CONCURRENTLY spowatch.by_topic",
    "DROP INDEX CONCURRENTLY spowatch.by_topic",
)


def slowest_save(log: PostgresLog, over: threading.Event) -> float:
    slowest = 0.0
    while not over.is_set():
        begun = monotonic()
        log.insert_events([stored(uuid4())])
        slowest = max(slowest, monotonic() - begun)
    return slowest


def maintain(place: Place, over: threading.Event) -> None:
    """Slowly, so that many saves fall into each part of it."""
    try:
        with psycopg.connect(place.administrator, autocommit=True) as administrator:
            administrator.execute("SET vacuum_cost_delay = '10ms'")
            for work in WORK:
                administrator.execute(work)
    finally:
        over.set()


def test_maintenance_holds_no_save_up(place: Place) -> None:
    with closing(place.open()) as log:
        for _ in range(4):
            log.insert_events(
                [StoredEvent(uuid4(), 1, "test.written.v1", bytes(400)) for _ in range(5000)]
            )
        over = threading.Event()
        maintaining = threading.Thread(target=maintain, args=(place, over))
        begun = monotonic()
        maintaining.start()
        slowest = slowest_save(log, over)
        lasted = monotonic() - begun
        maintaining.join()
    assert slowest < max(SLOWEST, lasted / 10)


def test_a_transaction_left_open_elsewhere_hides_nothing_and_holds_nothing_up(
    log: PostgresLog, place: Place
) -> None:
    with psycopg.connect(place.administrator) as elsewhere:
        elsewhere.execute("CREATE TABLE left_open AS SELECT txid_current()")
        [position] = log.insert_events([stored(uuid4())])
        assert [each.id for each in log.select_notifications(None, 10)] == [position]
        elsewhere.rollback()
