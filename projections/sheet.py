"""What a sheet is: its columns, and how it makes one row of the events of one stream."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.events import RecordedEvent

Value = UUID | str | int | datetime | date | None
Row = tuple[Value, ...]
"""Values in the order of the columns; the first is the stream's id."""


class Kind(StrEnum):
    """What a column holds."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Column:
    """`once`: a value that is there stays; a later row need not know it."""

    name: str
    kind: Kind
    once: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's rows, one a stream. The first column is their key."""

    name: str
    version: int
    columns: tuple[Column, ...]
    sorted_by: str
    """The column of numbers by which the rows are read."""
    rules: str
    """A hash of everything the values are worked out by."""
    found_by: tuple[str, ...] = ()
    """Columns that readers narrow by, whatever the number of rows."""
    tallied_by: tuple[tuple[str, str], ...] = ()
    """Pairs: narrowed by the first, rows are counted by the values of the second."""
    walled_by: tuple[str, ...] = ()
    """Columns that name a force: who reads for a force sees rows that name it in one of them, and no others."""

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def key(self) -> str:
        return self.columns[0].name

    @property
    def indexes(self) -> dict[str, tuple[str, ...]]:
        """The columns of each index, by the end of its name."""
        by = self.sorted_by
        indexes: dict[str, tuple[str, ...]] = {"sorted": (by,)}
        indexes |= {f"by_{each}": (each, by) for each in self.found_by}
        indexes |= {f"tally_{'_'.join(each)}": (*each, by) for each in self.tallied_by}
        return indexes

    @property
    def fingerprint(self) -> str:
        """Two releases that share it make the same rows of the same log."""
        asked = (self.found_by, *self.tallied_by)
        told = repr((self.version, self.columns, self.sorted_by, self.rules, asked, self.walled_by))
        return sha256(told.encode()).hexdigest()[:8]


Reading = Callable[[StoredEvent], RecordedEvent]
"""Opens a stored event. Raises one of `domain.batches.POISON` for what it cannot read."""

S = TypeVar("S")


class Sheet(Protocol[S]):
    """How rows come about: a fold of each stream's own events, in order, and of nothing else."""

    table: Table

    def concerns(self, topic: str) -> bool:
        """Whether events of that topic are looked at; of a stream it concerns, all are or none."""
        ...

    def begin(self, stream: UUID, first: StoredEvent, position: int | None) -> S | None:
        """The state before `first`, which opens the stream; None when it is none of this sheet's.

        `position` is that of `first`, where it is known.
        """
        ...

    def apply(self, state: S, stored: StoredEvent) -> None:
        """Fold the next event in. Raises one of `domain.batches.POISON` when it cannot be."""
        ...

    def row(self, state: S) -> Row:
        """The row as of what was folded in. Raises as `apply`."""
        ...


def hash_of(sources: Iterable[Path], *also: object) -> str:
    """A hash of the sources, by their content, and of whatever else the rows depend on."""
    told = sha256(repr(also).encode())
    for path in sorted(sources):
        told.update(path.read_bytes())
    return told.hexdigest()
