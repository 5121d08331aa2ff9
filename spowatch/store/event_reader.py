"""Reads the log as thin references, for consumers that load what they need themselves."""

from collections.abc import Sequence
from uuid import UUID

from eventsourcing.persistence import Notification

from domain.published import OrderEvent
from spowatch.store.log_reader import SqliteLogReader


class SqliteEventReader:
    """The log's reader, with references in place of stored events."""

    def __init__(self, reader: SqliteLogReader) -> None:
        self._reader = reader

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        return [_reference(n) for n in self._reader.read(after, limit=limit, wait=wait)]


def _reference(notification: Notification) -> OrderEvent:
    stream = notification.originator_id
    return OrderEvent(
        position=notification.id,
        topic=notification.topic,
        stream_id=stream if isinstance(stream, UUID) else UUID(stream),
        version=notification.originator_version,
    )
