"""The promises that every log keeps, and those of the library, kept by PostgreSQL."""

from unittest import TestCase
from uuid import uuid4

import pytest
from eventsourcing.persistence import AggregateRecorder

from spowatch.store.log_postgres import PostgresLog
from tests.store.log_contract import LogContract
from tests.store.postgres.places import Place
from tests.store.shipped_cases import persistence
from tests.store.test_log_keeps_the_librarys_promises import WithoutPositions


class TestPromises(LogContract):
    pass


class OnPostgres(TestCase):
    @pytest.fixture(autouse=True)
    def empty_log(self, place: Place) -> None:
        self.place = place

    def create_recorder(self) -> PostgresLog:
        log = self.place.open()
        self.addCleanup(log.close)
        return log


class TestStreams(OnPostgres, persistence.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:  # type: ignore[override]  # wrapped, as the cases want it
        return WithoutPositions(super().create_recorder())  # type: ignore[arg-type]  # the recorder of the log


class TestLog(OnPostgres, persistence.ApplicationRecorderTestCase[PostgresLog]):
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False


class TestLogOfNamedStreams(OnPostgres, persistence.ApplicationRecorderTestCase[PostgresLog]):
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False

    def new_originator_id(self) -> str:
        return f"order-{uuid4()}"


class TestTracking(OnPostgres, persistence.TrackingRecorderTestCase):
    pass


class TestEventsWithTracking(OnPostgres, persistence.ProcessRecorderTestCase):
    pass


class TestPositionsOfOneCommitStayTogether(
    OnPostgres, persistence.NonInterleavingNotificationIDsBaseCase
):
    pass
