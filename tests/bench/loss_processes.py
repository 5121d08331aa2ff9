"""What writes and reads while the log is being shaken: processes that begin again by themselves."""

import os
import time
from array import array
from collections.abc import Sequence
from contextlib import closing, suppress
from itertools import count
from multiprocessing import parent_process
from multiprocessing.synchronize import Event
from pathlib import Path
from uuid import uuid4

import psycopg
from eventsourcing.persistence import PersistenceError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder

from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_reader_postgres import PostgresLogReader
from tests.bench.postgres_logs import library

_MOST_A_SAVE = 60
_PAGE = 1_000
_PAUSE = 0.05
_BEGINS_AGAIN = suppress(PersistenceError, psycopg.Error)
"""When its server or its link fails."""


class Ours:
    """Our log through our reader, with the table and the column that readers go by."""

    table, position = "spowatch.events", "position"

    def __init__(self, dsn: str) -> None:
        self._log = PostgresLog(dsn, environment={})
        self._reader: PostgresLogReader | None = None

    def save(self, events: Sequence[StoredEvent]) -> Sequence[int]:
        return self._log.insert_events(events)

    def after(self, position: int) -> list[int]:
        self._reader = self._reader or PostgresLogReader(self._log)
        return [each.id for each in self._reader.read(position, limit=_PAGE, wait=0.2)]

    def close(self) -> None:
        self._log.close()


class Library:
    """The library's recorder on its fast path, tailed as its own subscription pulls."""

    table, position = "library.stored_events", "notification_id"

    def __init__(self, dsn: str) -> None:
        self._recorder: PostgresApplicationRecorder = library(dsn, fast_path=True)

    def save(self, events: Sequence[StoredEvent]) -> Sequence[int]:
        return self._recorder.insert_events(events) or ()

    def after(self, position: int) -> list[int]:
        found = self._recorder.select_notifications(position, _PAGE, inclusive_of_start=False)
        if not found:
            time.sleep(0.002)
        return [each.id for each in found]

    def close(self) -> None:
        self._recorder.datastore.close()


def write(kind: type[Ours | Library], dsn: str, accepted: Path) -> None:
    """Saves of one to sixty events until it is killed; notes the positions it was answered."""
    sizes = count()
    while _is_wanted():
        with _BEGINS_AGAIN, closing(kind(dsn)) as log:
            while _is_wanted():
                _note(accepted, log.save(_events(next(sizes) % _MOST_A_SAVE + 1)))
        time.sleep(_PAUSE)


def read(kind: type[Ours | Library], dsn: str, met: Path, stop: Event) -> None:
    """Tails the log from its beginning until told to stop; notes the positions as it met them."""
    last = 0
    while not stop.is_set() and _is_wanted():
        with _BEGINS_AGAIN, closing(kind(dsn)) as log:
            while not stop.is_set() and _is_wanted():
                found = log.after(last)
                _note(met, found)
                last = found[-1] if found else last
        time.sleep(_PAUSE)


def _is_wanted() -> bool:
    """Whether the process that shakes the log still runs."""
    parent = parent_process()
    return parent is not None and parent.is_alive()


def noted(path: Path) -> list[int]:
    """Whole numbers only: a writer may have been killed in the middle of one."""
    told = path.read_bytes() if path.exists() else b""
    return array("q", told[: len(told) // 8 * 8]).tolist()


def _note(path: Path, positions: Sequence[int]) -> None:
    if positions:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, array("q", positions).tobytes())
        os.close(file)


def _events(size: int) -> list[StoredEvent]:
    stream = uuid4()
    return [StoredEvent(stream, version, "spo.bench.v1", b"{}") for version in range(1, size + 1)]
