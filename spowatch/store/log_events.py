"""The event store on the log: what the library's does, and what a command asks of it at once."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from eventsourcing.persistence import EventStore

from domain.events import RecordedEvent
from spowatch.store.mapper import EventMapper

if TYPE_CHECKING:
    from spowatch.store.log import Log


class LogEventStore(EventStore[UUID]):
    """Sealed on the way in, validated in full on the way out."""

    def __init__(self, mapper: EventMapper, log: "Log") -> None:
        super().__init__(mapper, log)
        self._mapper = mapper
        self._log = log

    def append(self, events: Sequence[RecordedEvent]) -> Sequence[int]:
        return self._log.insert_events([self._mapper.to_stored_event(event) for event in events])

    def past(self, versions: Mapping[UUID, int]) -> list[list[RecordedEvent]]:
        read, streams = self._mapper.to_domain_event, self._log.select_past(versions).values()
        self._mapper.expect(chain.from_iterable(streams))
        return [[read(each) for each in news] for news in streams]
