"""What operators do to the log's tables while it is written to."""

import threading
from contextlib import closing
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent

from spowatch.store.log_postgres import PostgresLog
from tests.store.other_processes import stored
from tests.store.postgres.places import Place

WORK = (
    "VACUUM (FREEZE) spowatch.events",
    "ANALYZE spowatch.events",
    "CREATE INDEX CONCURRENTLY by_topic ON spowatch.events (topic)",
    "REINDEX INDEX CONCURRENTLY spowatch.by_topic",
    "DROP INDEX CONCURRENTLY spowatch.by_topic",
)


def saved_until(over: threading.Event, log: PostgresLog) -> int:
    """How many; each raises `StoreUnavailable` where it would have to wait for a lock."""
    saves = 0
    while not over.is_set():
        saves += len(log.insert_events([stored(uuid4())]))
    return saves


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
    """By the server's own count, not the clock's: a busy machine is slow without anybody holding a lock."""
    impatient = f"{place.writer} options='-c lock_timeout=5'"
    with closing(PostgresLog(impatient, environment={})) as log:
        for _ in range(4):
            log.insert_events(
                [StoredEvent(uuid4(), 1, "test.written.v1", bytes(400)) for _ in range(5000)]
            )
        over = threading.Event()
        maintaining = threading.Thread(target=maintain, args=(place, over))
        maintaining.start()
        try:
            assert saved_until(over, log)
        finally:
            maintaining.join()


def test_a_transaction_left_open_elsewhere_hides_nothing_and_holds_nothing_up(
    log: PostgresLog, place: Place
) -> None:
    with psycopg.connect(place.administrator) as elsewhere:
        elsewhere.execute("CREATE TABLE left_open AS SELECT txid_current()")
        [position] = log.insert_events([stored(uuid4())])
        assert [each.id for each in log.select_notifications(None, 10)] == [position]
        elsewhere.rollback()
