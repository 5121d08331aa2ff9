from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import TestCase
from uuid import UUID, uuid4

from eventsourcing.persistence import AggregateRecorder, StoredEvent

from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from tests.store.shipped_cases import persistence


class OnSqlite(TestCase):
    """Every case gets logs of its own."""

    def create_recorder(self) -> SqliteLog:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "log.db"
        migrate_log(path)
        log = SqliteLog(path)
        self.addCleanup(log.close)
        return log


class WithoutPositions(AggregateRecorder):
    """The log seen as the library sees an aggregate recorder: it tells no positions."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        self._log.insert_events(stored_events, **kwargs)

    def select_events(self, originator_id: UUID | str, **choice: Any) -> Sequence[StoredEvent]:
        return self._log.select_events(originator_id, **choice)


class TestStreams(OnSqlite, persistence.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:  # type: ignore[override]  # wrapped, as the cases want it
        return WithoutPositions(super().create_recorder())


class TestLog(OnSqlite, persistence.ApplicationRecorderTestCase[SqliteLog]):
    pass


class TestLogOfNamedStreams(OnSqlite, persistence.ApplicationRecorderTestCase[SqliteLog]):
    def new_originator_id(self) -> str:
        return f"order-{uuid4()}"


class TestTracking(OnSqlite, persistence.TrackingRecorderTestCase):
    pass


class TestEventsWithTracking(OnSqlite, persistence.ProcessRecorderTestCase):
    pass


class TestPositionsOfOneCommitStayTogether(
    OnSqlite, persistence.NonInterleavingNotificationIDsBaseCase
):
    pass
