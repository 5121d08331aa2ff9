"""What the tests run in processes of their own."""

import sqlite3
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from spowatch.store.log_reader import SqliteLogReader
from spowatch.store.log_sqlite import SqliteLog
from tests.forking import FORKING
from tests.program import PATIENCE


def stored(stream: UUID, version: int = 1) -> StoredEvent:
    return StoredEvent(stream, version, "test.written.v1", b"{}")


def write(path: Path, commits: int) -> None:
    """Commits of one, two and three events, each to a stream of its own."""
    with closing(SqliteLog(path)) as log:
        for count in range(commits):
            stream = uuid4()
            log.insert_events([stored(stream, version) for version in range(1, count % 3 + 2)])


def read(path: Path, ready: Connection, expected: int) -> None:
    """Send "ready", then every position in the order it was met, once `expected` were met."""
    met: list[int] = []
    with closing(SqliteLog(path)) as log:
        reader = SqliteLogReader(log)
        ready.send("ready")
        while len(met) < expected:
            found = reader.read(met[-1] if met else 0, limit=50, wait=PATIENCE)
            if not found:
                break
            met.extend(each.id for each in found)
    ready.send(met)


def run_together(path: Path, commits: Sequence[int]) -> list[int | None]:
    """Exit codes of one writing process for each number of commits."""
    writers = [FORKING.Process(target=write, args=(path, count)) for count in commits]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE)
    return [writer.exitcode for writer in writers]


def close_under_readers(path: Path) -> None:
    """Exit status 0 when every reading thread ended by the library's own error."""
    for _ in range(30):
        log = SqliteLog(path)
        with ThreadPoolExecutor() as pool:
            reading = [pool.submit(_read_for_ever, log) for _ in range(3)]
            log.wait_for(1, timeout=PATIENCE)
            log.close()
        if not all(isinstance(each.exception(), sqlite3.ProgrammingError) for each in reading):
            sys.exit(1)


def _read_for_ever(log: SqliteLog) -> None:
    while True:
        log.select_notifications(0, limit=200)
