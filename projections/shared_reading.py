"""What the sheets of one process read of the log: fetched once, and given to each of them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

from projections.folding import Past
from projections.runner import LogReader

_FEW = 100
"""Streams kept for the next sheet. Where there are more, all are behind, and it is their memory that counts."""


class SharedReading:
    """The log for sheets that are kept in turns by one thread; see `LogReader` and `Past`.

    It keeps the last events that the log gave, and what their streams held then. A sheet that asks for
    some of these is given them without the log being asked, and all the others ask for themselves.
    """

    def __init__(self, reader: LogReader, past: Past) -> None:
        self._reader = reader
        self._past_in_log = past
        self._after = 0
        self._events: Sequence[Notification] = ()
        self._past: dict[UUID | str, Sequence[StoredEvent]] = {}

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        """As `LogReader.read`."""
        if self._events and self._after <= after < self._events[-1].id:
            return [event for event in self._events if event.id > after][:limit]
        events = self._reader.read(after, limit=limit, wait=wait)
        if events:
            self._after, self._events = after, events
            self._past = {}
        return events

    def past(self, streams: Sequence[UUID]) -> Mapping[UUID | str, Sequence[StoredEvent]]:
        """Each stream as it was when the events that were read last were on the log, or later."""
        unknown = [each for each in streams if each not in self._past]
        found = dict(self._past_in_log(unknown)) if unknown else {}
        found |= {each: self._past[each] for each in streams if each in self._past}
        if len(streams) <= _FEW:
            self._past |= found
        return found
