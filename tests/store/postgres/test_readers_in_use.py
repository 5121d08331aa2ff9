from threading import Thread
from time import monotonic, sleep

import psycopg

from spowatch.store.log_postgres import PostgresLog
from spowatch.store.postgres_connections import MOST_READING
from tests.program import PATIENCE
from tests.store.postgres.places import Place


def test_the_connections_that_read_are_counted_while_they_do(
    log: PostgresLog, place: Place
) -> None:
    assert log.readers_in_use == 0
    slow = [
        Thread(target=log._connections.fetch_all, args=("SELECT pg_advisory_xact_lock_shared(7)",))
        for _ in range(MOST_READING + 1)
    ]
    with psycopg.connect(place.administrator) as other:
        other.execute("SELECT pg_advisory_xact_lock(7)")
        for each in slow:
            each.start()
        assert counted(log, MOST_READING) == MOST_READING
    for each in slow:
        each.join()
    assert log.readers_in_use == 0


def counted(log: PostgresLog, wanted: int) -> int:
    """Once there are as many as wanted, or after all patience."""
    deadline = monotonic() + PATIENCE
    while (found := log.readers_in_use) != wanted and monotonic() < deadline:
        sleep(0.01)
    return found
