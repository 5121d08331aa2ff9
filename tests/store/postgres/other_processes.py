"""What the tests of the log on PostgreSQL run in processes of their own."""

import signal
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import uuid4

import psycopg
from eventsourcing.persistence import IntegrityError, Tracking

from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_reader_postgres import PostgresLogReader
from tests.forking import FORKING
from tests.program import PATIENCE
from tests.store.other_processes import stored


def write(dsn: str, commits: int, said: Connection) -> None:
    """Commits of one, two and three events and lost races; then says what was accepted."""
    accepted: list[int] = []
    with closing(PostgresLog(dsn, environment={})) as log:
        said.send("ready")
        for count in range(commits):
            stream = uuid4()
            events = [stored(stream, version) for version in range(1, count % 3 + 2)]
            tracking = Tracking(str(stream), count) if count % 5 == 1 else None
            accepted += log.insert_events(events, tracking=tracking)
            if count % 4 == 0:
                _lose_a_race(log, events[0].originator_id)
    said.send(accepted)


def _lose_a_race(log: PostgresLog, stream: Any) -> None:
    try:
        log.insert_events([stored(stream)])
    except IntegrityError:
        return
    msg = "a version was stored twice"
    raise AssertionError(msg)


def read(dsn: str, said: Connection, upto: Connection) -> None:
    """Reads until as many events were met as `upto` says; then says their positions as met."""
    met: list[int] = []
    deadline = time.monotonic() + PATIENCE
    with closing(PostgresLog(dsn, environment={})) as log:
        reader = PostgresLogReader(log)
        said.send("ready")
        expected = None
        while (expected is None or len(met) < expected) and time.monotonic() < deadline:
            met += [each.id for each in reader.read(met[-1] if met else 0, limit=50, wait=0.2)]
            if expected is None and upto.poll():
                expected = upto.recv()
    said.send(met)


def stop_in_mid_transaction(dsn: str, said: Connection) -> None:
    """Takes the turn, inserts, and never commits."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO spowatch.events (originator_id, originator_version, topic, state) "
            "VALUES ('never', 1, 'test.never.v1', '')"
        )
        said.send("ready")
        time.sleep(PATIENCE)


def started(target: Callable[..., None], *arguments: object) -> tuple[BaseProcess, Connection]:
    """A process that was heard to be ready, and what it says next."""
    ours, theirs = FORKING.Pipe()
    process = FORKING.Process(target=target, args=(*arguments, theirs))
    process.start()
    assert ours.recv() == "ready"
    return process, ours


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
