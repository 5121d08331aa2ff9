"""Where a sheet is kept: the port, and what can come between a reader of the log and its bookmark.

A sheet is kept in forms: tables named by version, by a hash of their columns and of the code that
fills them, and by a serial number. One form is read by people under the sheet's own name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from domain.published import OrderEvent
from projections.sheet import Row, Table, Value


class Moved(Exception):
    """The bookmark is not where it was, or its form is gone: read again where it is."""


class NotBuilt(Exception):
    """No form of this sheet was ever completed."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far a form is read, and its turn: both must be as known for a form to be written to."""

    form: str
    position: int
    turn: int
    live: bool


class Watch(Protocol):
    """Wakes who waits for a change; a turn seen before reading is never slept through."""

    @property
    def turn(self) -> int: ...

    def committed(self) -> None:
        """Say that a change of ours can be read."""
        ...

    def wait_past(self, turn: int, timeout: float) -> bool:
        """Whether there was a change after `turn`, waiting at most `timeout` seconds."""
        ...


class SheetStore(Protocol):
    """The forms of one sheet, for any number of threads, processes and releases."""

    table: Table

    def bookmark(self) -> Bookmark | None:
        """Of the form that this release writes to: the one people read, or else its newest."""
        ...

    def begin(self) -> Bookmark:
        """A form with nothing in it. Of the others only the one that people read is left."""
        ...

    def put(
        self, mark: Bookmark, upto: int, rows: Sequence[Row], parked: Sequence[OrderEvent]
    ) -> Bookmark:
        """Rows, what is parked, and the bookmark, in one transaction. Raises `Moved`, nothing done."""
        ...

    def parked(self, mark: Bookmark) -> list[OrderEvent]:
        """What could not be applied, with everything later of the same stream, in order."""
        ...

    def redriven(self, mark: Bookmark, stream: UUID, row: Row) -> Bookmark:
        """Put the row of a stream that was parked and is no more. Raises `Moved`."""
        ...

    def switch(self, mark: Bookmark, live_at: int | None) -> int | None:
        """Let people read this form from now on, and keep the one before it.

        Raises `Moved` when that one is not at the position `live_at`, or this one not at its mark.

        How many rows the two have that the other has not; None when they are not to be compared,
        because they have other columns or were read to another position.
        """
        ...

    def live_position(self) -> int | None:
        """How far the form that people read is read; None when there is none."""
        ...

    def page(self, after: int, *, limit: int, only: Mapping[str, Value]) -> list[Row]:
        """Rows past `after` in the sheet's own order, those alone that hold these values.

        Raises `NotBuilt`; so do all the questions below.
        """
        ...

    def tally(self, column: str, *, only: Mapping[str, Value]) -> dict[str, int]:
        """How many rows hold each text of that column but the empty one, of those that hold these values."""
        ...

    def last(self) -> int | None:
        """The number of the last row in the sheet's own order."""
        ...

    def rows(self) -> Iterator[Row]:
        """Every row that people read, by key, all of one moment."""
        ...

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether what people read is read up to `position`, waiting at most `timeout` seconds."""
        ...


def digest_of(rows: Iterator[Row]) -> str:
    """The hash that two equal sheets share, whatever they are kept in."""
    told = sha256()
    for row in rows:
        told.update(repr(row).encode())
    return told.hexdigest()
