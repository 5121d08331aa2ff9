"""The deadline sheet: every pending instant of every order and alert, with its basis.

It is worked out from the log and may be deleted at any time; it comes back the same.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.deadlines import Agenda, Deadline, Due

CLAIM = 0.2
"""Seconds for which what one sweep claimed is left alone by the others. A sweep that was killed holds
nothing up for longer; one that is slower than this is done twice, which costs time only: the order
records once."""

Agendas = Mapping[UUID, Agenda]


@dataclass(frozen=True, slots=True)
class Row:
    """A pending instant of an order, or of an alert: `order_id` is then the alert's."""

    order_id: UUID
    deadline: Deadline


class DeadlineSheet(Protocol):
    """Rows and bookmark move in one transaction; older knowledge never overwrites newer.

    What is due is told by the caller's clock. How long a claim lasts is told by the one clock that all
    who share the sheet have in common; it may be stepped, and no claim outlasts `CLAIM` by it.
    """

    @property
    def position(self) -> int:
        """How far the log was read."""
        ...

    @property
    def swept_at(self) -> datetime | None:
        """When a sweep last looked; across restarts."""
        ...

    def put(self, agendas: Agendas, position: int, *, after: int = 0) -> None:
        """Set what is pending for these orders, and that the log was read on to `position`.

        `after` is where that reading began. A bookmark before it stays: the sheet was cleared
        meanwhile, and what lies between would never be read.
        """
        ...

    def clear(self) -> None:
        """Forget everything; the next reading begins at the start of the log."""
        ...

    def rearm(self, agendas: Agendas, swept_at: datetime) -> None:
        """Set what is pending for orders that were told the time, and that a sweep looked then."""
        ...

    def claim(self, now: datetime, *, limit: int) -> list[Due]:
        """Orders whose time has come, claimed for `CLAIM` from this moment.

        The oldest first, and of the urgent alone as long as one of them is due, were it in another
        sweep's hands: nobody else is told before them. What another sweep holds is left to it. Nothing
        is locked when it returns: a sweep that freezes holds up no other.
        """
        ...

    def coming(self, now: datetime, until: datetime, *, limit: int) -> list[Due]:
        """Orders whose first instant lies between the two, the soonest first."""
        ...

    def versions(self, orders: Sequence[UUID]) -> dict[UUID, int]:
        """From which version of each the sheet has its rows; nothing for one it never saw."""
        ...

    def next_due(self) -> datetime | None:
        """The soonest instant on the sheet, come or to come."""
        ...

    def rows(self) -> Iterator[Row]:
        """Every row, by order and instant."""
        ...

    def agendas(self, orders: Sequence[UUID]) -> dict[UUID, Agenda]:
        """What the sheet holds for each of them; nothing for one it has never seen."""
        ...

    def digest(self) -> str:
        """The hash that two equal sheets share, whatever they are kept in."""
        ...

    def close(self) -> None: ...


def digest_of(rows: Iterable[Row]) -> str:
    sheet = hashlib.sha256()
    for row in rows:
        sheet.update(repr((str(row.order_id), row.deadline)).encode())
    return sheet.hexdigest()
