"""Rows of the log on PostgreSQL, to and from what the library calls stored events."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

Row = tuple[str, int, str, bytes]
"""originator_id, originator_version, topic, state."""

ReadRow = tuple[str, int, str, bytes, str | None]
"""A `Row`, then what must be flushed first."""

PlacedRow = tuple[int, str, int, str, bytes, str | None]
"""position, then a `ReadRow`."""

_KNOWN_STREAMS = 16_384
_LENGTH_OF_UUID = 36

# PostgreSQL's binary COPY format, version of every release since 7.4.
_COPY_BEGINS = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_ENDS = b"\xff\xff"
_COPY_FIELDS = struct.Struct(">hi")
_COPY_VERSION = struct.Struct(">iii")
_COPY_LENGTH = struct.Struct(">i")
_COPY_CHUNK = 512


def row(stored: StoredEvent) -> Row:
    identity = column(stored.originator_id)
    return identity, stored.originator_version, stored.topic, stored.state


def column(originator_id: UUID | str) -> str:
    """A UUID is kept as the text of it, any other name as it is."""
    if isinstance(originator_id, UUID):
        return str(originator_id)
    if identity(originator_id) != originator_id:
        msg = f"the name {originator_id} would be read back as a UUID"
        raise ValueError(msg)
    return originator_id


# Reading the log in order meets the same streams again and again.
@lru_cache(_KNOWN_STREAMS)
def identity(column: str) -> UUID | str:
    if len(column) != _LENGTH_OF_UUID:
        return column
    try:
        return UUID(column)
    except ValueError:
        return column


def columns(rows: Iterable[Row]) -> tuple[list[object], ...]:
    """The same rows as four columns."""
    return tuple(map(list, zip(*rows, strict=True))) or ([], [], [], [])


def copied(rows: Sequence[Row]) -> Iterator[bytes]:
    """The same rows in the server's binary COPY format, some hundred at a time."""
    yield _COPY_BEGINS
    for first in range(0, len(rows), _COPY_CHUNK):
        yield b"".join(map(_copied, rows[first : first + _COPY_CHUNK]))
    yield _COPY_ENDS


def _copied(row: Row) -> bytes:
    identity, version, topic, state = row
    name, kind = identity.encode(), topic.encode()
    fields, length = _COPY_FIELDS.pack(4, len(name)), _COPY_LENGTH.pack(len(state))
    return b"".join((fields, name, _COPY_VERSION.pack(4, version, len(kind)), kind, length, state))


def stored_events(rows: Iterable[ReadRow]) -> list[StoredEvent]:
    return [
        StoredEvent(identity(originator), version, topic, state)
        for originator, version, topic, state, _ in rows
    ]


def notifications(rows: Iterable[PlacedRow]) -> list[Notification]:
    return [
        Notification(identity(originator), version, topic, state, position)
        for position, originator, version, topic, state, _ in rows
    ]
