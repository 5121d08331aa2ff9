"""Rows of the log, to and from what the library calls stored events and notifications."""

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

Row = tuple[bytes | str, int, str, bytes]
"""originator_id, originator_version, topic, state."""

PlacedRow = tuple[int, bytes | str, int, str, bytes]
"""position, then a `Row`."""

_KNOWN_STREAMS = 16_384


def row(stored: StoredEvent) -> Row:
    identity = column(stored.originator_id)
    return identity, stored.originator_version, stored.topic, stored.state


def column(originator_id: UUID | str) -> bytes | str:
    """A UUID is kept as its 16 bytes, any other name as text; the type tells them apart."""
    return originator_id.bytes if isinstance(originator_id, UUID) else originator_id


# Reading the log in order meets the same streams again and again.
@lru_cache(_KNOWN_STREAMS)
def identity(column: bytes | str) -> UUID | str:
    return UUID(bytes=column) if isinstance(column, bytes) else column


def stored_events(rows: Iterable[Row]) -> list[StoredEvent]:
    return [
        StoredEvent(identity(originator), version, topic, state)
        for originator, version, topic, state in rows
    ]


def notifications(rows: Iterable[PlacedRow]) -> list[Notification]:
    return [
        Notification(identity(originator), version, topic, state, position)
        for position, originator, version, topic, state in rows
    ]
