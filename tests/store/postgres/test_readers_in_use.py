from threading import Thread
from time import monotonic, sleep

from spowatch.store.log_postgres import PostgresLog
from spowatch.store.postgres_connections import MOST_READING

PATIENCE = 20.0


def test_the_connections_that_read_are_counted_while_they_do(log: PostgresLog) -> None:
    assert log.readers_in_use == 0
    slow = [
        Thread(target=log._connections.fetch_all, args=("SELECT pg_sleep(1)",))
        for _ in range(MOST_READING + 1)
    ]
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
