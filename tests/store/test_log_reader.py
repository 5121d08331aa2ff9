import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from spowatch.store.log_reader import SqliteLogReader
from spowatch.store.log_sqlite import SqliteLog
from tests.forking import FORKING
from tests.program import PATIENCE
from tests.store.other_processes import read, run_together, stored

WRITERS, COMMITS = 4, 150
EVENTS = WRITERS * sum(count % 3 + 1 for count in range(COMMITS))


def test_a_reader_in_another_process_misses_nothing_four_processes_write(log_path: Path) -> None:
    ours, theirs = FORKING.Pipe()
    reader = FORKING.Process(target=read, args=(log_path, theirs, EVENTS))
    reader.start()
    assert ours.recv() == "ready"
    assert run_together(log_path, [COMMITS] * WRITERS) == [0] * WRITERS
    assert ours.recv() == list(range(1, EVENTS + 1))
    reader.join(PATIENCE)
    assert reader.exitcode == 0


def test_a_waiting_reader_is_woken_by_another_process(log: SqliteLog, log_path: Path) -> None:
    writer = FORKING.Process(target=run_together, args=(log_path, [1]))
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(SqliteLogReader(log).read, 0, limit=10, wait=PATIENCE)
        writer.start()
        assert [each.id for each in reading.result()] == [1]
    writer.join(PATIENCE)


def test_every_waiting_reader_is_woken_by_a_writer_of_its_own_process(log: SqliteLog) -> None:
    reader = SqliteLogReader(log)
    with ThreadPoolExecutor(max_workers=8) as pool:
        reading = [pool.submit(reader.read, 0, limit=10, wait=PATIENCE) for _ in range(8)]
        log.insert_events([stored(uuid4())])
        assert [[each.id for each in found.result()] for found in reading] == [[1]] * 8


def test_another_reader_looks_out_when_the_first_stops_waiting(
    log: SqliteLog, log_path: Path
) -> None:
    reader = SqliteLogReader(log)
    with ThreadPoolExecutor() as pool:
        impatient = pool.submit(reader.read, 0, limit=10, wait=0.05)
        patient = pool.submit(reader.read, 0, limit=10, wait=PATIENCE)
        assert impatient.result() == []
        assert run_together(log_path, [1]) == [0]
        assert [each.id for each in patient.result()] == [1]


def test_a_reader_comes_back_with_nothing_when_nothing_happens(log: SqliteLog) -> None:
    assert SqliteLogReader(log).read(0, limit=10, wait=0.01) == []
    assert SqliteLogReader(log).read(0, limit=10, wait=0) == []


def test_a_reader_far_behind_is_given_no_more_than_it_asked_for(log: SqliteLog) -> None:
    log.insert_events([stored(uuid4()) for _ in range(25)])
    reader, met = SqliteLogReader(log), [0]
    while found := reader.read(met[-1], limit=10, wait=0):
        assert len(found) <= 10
        met.extend(each.id for each in found)
    assert met == list(range(26))


def test_a_writer_can_wait_until_its_own_write_can_be_read(log: SqliteLog) -> None:
    [position] = log.insert_events([stored(uuid4())])
    assert log.wait_for(position, timeout=0)
    assert not log.wait_for(position + 1, timeout=0.01)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(log.wait_for, position + 1, timeout=PATIENCE)
        log.insert_events([stored(uuid4())])
        assert waiting.result()


def test_readers_that_ended_leave_no_connection_behind(log: SqliteLog) -> None:
    for _ in range(5):
        thread = threading.Thread(target=log.max_notification_id)
        thread.start()
        thread.join(PATIENCE)
    assert len(log._connections._readers) == 1


def test_a_commit_of_this_process_wakes_readers_without_a_poll(log: SqliteLog) -> None:
    turn = log.watch.turn
    log.insert_events([stored(uuid4())])
    assert log.watch.wait_past(turn, timeout=0)
