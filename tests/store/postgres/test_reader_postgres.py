import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from time import monotonic, sleep
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from domain.published import OrderEvent
from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_reader_postgres import (
    POLL_INTERVAL,
    PostgresEventReader,
    PostgresLogReader,
)
from spowatch.store.sqlite_connection import StoreUnavailable
from tests.forking import FORKING
from tests.program import PATIENCE
from tests.servers.postgres import Cluster
from tests.store.other_processes import stored
from tests.store.postgres.other_processes import kill, read, started, write
from tests.store.postgres.places import Place, made

WRITERS, COMMITS = 4, 120
EVENTS = WRITERS * sum(count % 3 + 1 for count in range(COMMITS))
AT_ONCE = POLL_INTERVAL / 2
"""Seconds in which nobody's own look falls, so whoever saw it was woken."""
BY_ITSELF = 2 * POLL_INTERVAL
"""Seconds in which nobody notices that an ear is deaf, so whoever saw it looked for itself."""


def ear(log: PostgresLog, other_than: int | None = None) -> int:
    """The server process that the log's watch listens to, once there is such a one."""
    log.watch.start()
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        connection = log.watch._connection
        if connection is not None and connection.info.backend_pid != other_than:
            return connection.info.backend_pid
        sleep(0.02)
    pytest.fail("nobody listens")


@contextmanager
def frozen(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def test_a_reader_in_another_process_misses_nothing_four_processes_write(place: Place) -> None:
    upto, theirs = FORKING.Pipe()
    ours, said = FORKING.Pipe()
    reader = FORKING.Process(target=read, args=(place.reader, said, theirs))
    reader.start()
    assert ours.recv() == "ready"
    writers = [started(write, place.writer, COMMITS) for _ in range(WRITERS)]
    accepted = sorted(position for _, says in writers for position in says.recv())
    upto.send(EVENTS)
    assert ours.recv() == accepted
    assert len(set(accepted)) == EVENTS
    for process in (reader, *(writer for writer, _ in writers)):
        process.join(PATIENCE)
        assert process.exitcode == 0


def test_writers_killed_at_any_moment_take_nothing_with_them(
    log: PostgresLog, place: Place
) -> None:
    reader, met = PostgresLogReader(log), [0]
    chance = random.Random(4)
    for _ in range(4):
        victim, _says = started(write, place.writer, 10_000)
        until, before = monotonic() + chance.uniform(0.02, 0.3), len(met)
        while monotonic() < until or len(met) == before:
            met += [each.id for each in reader.read(met[-1], limit=100, wait=0.01)]
        kill(victim)
    log.insert_events([stored(uuid4())])
    while found := reader.read(met[-1], limit=100, wait=0):
        met += [each.id for each in found]
    kept = [each.id for each in log.select_notifications(None, 100_000)]
    assert met[1:] == kept
    assert len(kept) > 4


def time_to_read(log: PostgresLog, place: Place) -> float:
    """Seconds from a save by another process until a reader that waits has it."""
    reader, after = PostgresLogReader(log), log.max_notification_id() or 0
    with closing(place.open()) as other, ThreadPoolExecutor() as pool:
        reading = pool.submit(reader.read, after, limit=10, wait=PATIENCE)
        sleep(0.05)
        begun = monotonic()
        [position] = other.insert_events([stored(uuid4())])
        assert [each.id for each in reading.result()] == [position]
        return monotonic() - begun


def quickest(measured: Callable[[], float], enough: float) -> float:
    """The least of five, or the first that is enough.

    One by itself is slow where the machine is busy. Whoever is not woken is slow each time.
    """
    found = PATIENCE
    for _ in range(5):
        found = min(found, measured())
        if found < enough:
            break
    return found


def test_a_waiting_reader_is_woken_by_another_process(log: PostgresLog, place: Place) -> None:
    ear(log)
    assert quickest(partial(time_to_read, log, place), AT_ONCE) < AT_ONCE


class CountedLog(PostgresLog):
    """Counts the looks of its readers."""

    looks = 0

    def select_references(self, after: int, limit: int) -> list[OrderEvent]:
        self.looks += 1
        return super().select_references(after, limit)


def test_what_its_own_process_wrote_costs_a_reader_one_look(place: Place) -> None:
    with closing(CountedLog(place.writer, environment={})) as log:
        ear(log)
        reader = PostgresEventReader(log)
        assert reader.read(0, limit=10, wait=0) == []
        before, wait = log.looks, POLL_INTERVAL / 4
        for count in range(1, 4):
            [position] = log.insert_events([stored(uuid4())])
            assert [e.position for e in reader.read(position - 1, limit=10, wait=PATIENCE)] == [
                position
            ]
            assert reader.read(position, limit=10, wait=wait) == []
            # And one to see, once the wait is over, that there is nothing.
            assert log.looks - before == 2 * count


def test_readers_look_whatever_became_of_a_write_of_their_process(log: PostgresLog) -> None:
    taken = stored(uuid4())
    log.insert_events([taken])
    turn = log.watch.turn
    with pytest.raises(IntegrityError):
        log.insert_events([taken])
    assert log.watch.turn != turn


def test_every_waiting_reader_is_woken_by_a_writer_of_its_own_process(log: PostgresLog) -> None:
    reader = PostgresLogReader(log)
    with ThreadPoolExecutor(max_workers=8) as pool:
        reading = [pool.submit(reader.read, 0, limit=10, wait=PATIENCE) for _ in range(8)]
        log.insert_events([stored(uuid4())])
        assert [[each.id for each in found.result()] for found in reading] == [[1]] * 8


def test_a_reader_comes_back_with_nothing_when_nothing_happens(log: PostgresLog) -> None:
    assert PostgresLogReader(log).read(0, limit=10, wait=0.01) == []
    assert PostgresLogReader(log).read(0, limit=10, wait=0) == []


def test_a_reader_far_behind_is_given_no_more_than_it_asked_for(log: PostgresLog) -> None:
    log.insert_events([stored(uuid4()) for _ in range(25)])
    reader, met = PostgresLogReader(log), [0]
    while found := reader.read(met[-1], limit=10, wait=0):
        assert len(found) <= 10
        met.extend(each.id for each in found)
    assert met == list(range(26))


def test_a_writer_can_wait_until_its_own_write_can_be_read(log: PostgresLog) -> None:
    [position] = log.insert_events([stored(uuid4())])
    assert log.wait_for(position, timeout=0)
    assert not log.wait_for(position + 1, timeout=0.01)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(log.wait_for, position + 1, timeout=PATIENCE)
        log.insert_events([stored(uuid4())])
        assert waiting.result()


def test_a_reader_that_nobody_wakes_looks_for_itself(log: PostgresLog, place: Place) -> None:
    def alone() -> float:
        with frozen(ear(log)):
            return time_to_read(log, place)

    assert quickest(alone, BY_ITSELF) < BY_ITSELF


@pytest.mark.parametrize("dies_how", ["silently", "loudly"])
def test_an_ear_that_died_is_replaced_and_wakes_again(
    log: PostgresLog, place: Place, dies_how: str
) -> None:
    deaf = ear(log)
    if dies_how == "silently":
        with frozen(deaf):
            ear(log, other_than=deaf)
    else:
        os.kill(deaf, signal.SIGTERM)
        ear(log, other_than=deaf)
    assert quickest(partial(time_to_read, log, place), AT_ONCE) < AT_ONCE


def test_a_reader_goes_on_when_the_server_is_back(own_postgres: Cluster) -> None:
    place = made(own_postgres)
    with closing(place.open()) as log, ThreadPoolExecutor() as pool:
        reader = PostgresLogReader(log)
        [first] = log.insert_events([stored(uuid4())])
        assert [each.id for each in reader.read(0, limit=10, wait=PATIENCE)] == [first]
        reading = pool.submit(reader.read, first, limit=10, wait=PATIENCE)
        own_postgres.stop()
        with pytest.raises(StoreUnavailable, match="see that the server runs"):
            log.insert_events([stored(uuid4())])
        with pytest.raises(StoreUnavailable, match="see that the server runs"):
            reader.read(first, limit=10, wait=0.1)
        own_postgres.start()
        [second] = log.insert_events([stored(uuid4())])
        assert [each.id for each in reading.result()] == [second]


def save_on(log: PostgresLog, accepted: set[int], over: threading.Event) -> None:
    while not over.is_set():
        with suppress(StoreUnavailable):
            accepted.update(log.insert_events([stored(uuid4())]))


def read_on(log: PostgresLog, met: list[int], over: threading.Event) -> None:
    reader = PostgresLogReader(log)
    while not over.is_set():
        with suppress(StoreUnavailable):
            met.extend(each.id for each in reader.read(met[-1], limit=100, wait=0.1))


def test_a_crash_of_the_server_takes_back_nothing_that_was_accepted_or_read(
    own_postgres: Cluster,
) -> None:
    place, over = made(own_postgres), threading.Event()
    accepted, met = set[int](), [0]
    with closing(place.open()) as log, closing(place.open()) as other:
        with ThreadPoolExecutor() as pool:
            doing = [pool.submit(save_on, each, accepted, over) for each in (log, log, log, other)]
            doing.append(pool.submit(read_on, other, met, over))
            for _ in range(2):
                sleep(0.3)
                own_postgres.stop()
                own_postgres.start()
            sleep(0.3)
            over.set()
        assert [each.exception() for each in doing] == [None] * 5
        met += [each.id for each in log.select_notifications(met[-1] + 1, 100_000)]
        kept = [each.id for each in log.select_notifications(None, 100_000)]
    assert met[1:] == kept
    assert accepted <= set(kept)
