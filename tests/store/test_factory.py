from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.persistence import (
    InfrastructureFactory,
    IntegrityError,
    NotSupportedError,
    Tracking,
)
from eventsourcing.utils import Environment

from domain.events import RecordedEvent, Stream
from spowatch.store.factory import LogFactory
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.mapper import EventMapper
from tests.store.sample_events import NOON, PatrolNoted, envelope, patrol


@dataclass(slots=True)
class Beat(Stream):
    patrols: int = 0

    def apply(self, recorded: RecordedEvent) -> None:
        self.patrols += isinstance(recorded.event, PatrolNoted)

    def patrol(self) -> None:
        self._record(PatrolNoted(occurred_at=NOON, area="Dover"), envelope())


def beat(_: Beat | None, history: Iterable[RecordedEvent]) -> Beat:
    found = Beat(UUID(int=0))
    found.fold(history)
    return found


@pytest.fixture
def factory(log: SqliteLog, mapper: EventMapper) -> LogFactory:
    return LogFactory(log, mapper)


@pytest.fixture
def application(factory: LogFactory) -> Application[UUID]:
    class Beats(Application[UUID]):
        def construct_factory(self, env: Environment) -> InfrastructureFactory:  # noqa: ARG002 - the library's signature
            return factory

    return Beats()


def test_an_application_saves_and_reads_streams(application: Application[UUID]) -> None:
    walked = Beat(uuid4())
    walked.patrol()
    walked.patrol()
    saved = application.save(walked)
    assert [each.notification.id for each in saved] == [1, 2]
    found: Any = application.repository.get(walked.id, projector_func=beat)
    assert (found.version, found.patrols) == (2, 2)


def test_the_second_to_write_a_version_is_refused(factory: LogFactory) -> None:
    store, order = factory.event_store(), uuid4()
    store.put([patrol(1, order)], tracking=Tracking("upstream", 3))
    for refused, tracking in (
        ([patrol(2, order), patrol(1, order)], None),
        ([patrol(2, order), patrol(2, order)], None),
        ([patrol(2, order)], Tracking("upstream", 3)),
    ):
        with pytest.raises(IntegrityError):
            store.put(refused, tracking=tracking)
    assert list(store.get(order)) == [patrol(1, order)]


@pytest.mark.parametrize(
    ("choice", "versions"),
    [
        ({}, [1, 2, 3, 4]),
        ({"gt": 1, "lte": 3}, [2, 3]),
        ({"desc": True, "limit": 1}, [4]),
        ({"gt": 2, "limit": 1}, [3]),
        ({"limit": 0}, []),
    ],
)
def test_a_part_of_a_stream_can_be_read(
    factory: LogFactory, choice: dict[str, Any], versions: list[int]
) -> None:
    store, order = factory.event_store(), uuid4()
    store.put([patrol(version, order) for version in (1, 2, 3, 4)])
    store.put([patrol(1, uuid4())])
    assert [each.originator_version for each in store.get(order, **choice)] == versions


def test_what_is_new_in_several_streams_is_read_at_once(factory: LogFactory) -> None:
    store, busy, quiet, new = factory.event_store(), uuid4(), uuid4(), uuid4()
    assert list(store.append([patrol(1, busy), patrol(1, quiet), patrol(2, busy)])) == [1, 2, 3]
    assert list(store.append([patrol(3, busy)])) == [4]
    news = store.past({busy: 1, quiet: 1, new: 0})
    assert [[each.originator_version for each in stream] for stream in news] == [[2, 3]]
    with pytest.raises(IntegrityError):
        store.append([patrol(1, new), patrol(1, quiet)])
    assert not store.past({new: 0})


def test_no_snapshot_is_kept_anywhere(factory: LogFactory) -> None:
    with pytest.raises(NotSupportedError, match="snapshots"):
        factory.aggregate_recorder(purpose="snapshots")


def test_closing_an_application_leaves_the_log_open(
    log: SqliteLog, mapper: EventMapper, recwarn: pytest.WarningsRecorder
) -> None:
    LogFactory(log, mapper).close()
    assert log.max_notification_id() is None
    assert not recwarn
