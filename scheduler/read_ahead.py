"""Read ahead: orders that fall due in the next seconds are read before their instant comes.

At midnight thousands fall due together, and reading an order takes as long as judging it. What was
read ahead is only used if the order is still at the version the sheet knows; the log refuses what
was decided on anything older.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.batches import halved, read_orders
from domain.deadlines import Due
from domain.orders import StalkingProtectionOrder
from domain.register import OrderRegister
from projections.deadline_sheet import DeadlineSheet

AHEAD = timedelta(seconds=8)
MOST = 6_000
"""Orders; some tens of megabytes."""

SLICE = 40
"""Orders read in one go: what falls due meanwhile waits some ten milliseconds at most."""


class ReadAhead:
    """Orders by their id, as they were when they were read."""

    def __init__(self, sheet: DeadlineSheet, register: OrderRegister) -> None:
        self._sheet = sheet
        self._register = register
        self._ready: dict[UUID, StalkingProtectionOrder] = {}

    def fill(self, now: datetime) -> bool:
        """Read a slice of what is missing; whether there may be more."""
        next_due = self._sheet.next_due()
        if next_due is None or next_due > now + AHEAD:
            self._ready.clear()
            return False
        coming = {each.order_id: each for each in self._sheet.coming(now, now + AHEAD, limit=MOST)}
        self._ready = {i: o for i, o in self._ready.items() if i in coming}
        missing = [i for i, due in coming.items() if not _is_as_of(self._ready.get(i), due)][:SLICE]
        if missing:
            self._ready |= halved(missing, self._read, _left_to_the_sweep)
        return len(missing) == SLICE

    def take(self, due: Sequence[Due]) -> dict[UUID, StalkingProtectionOrder]:
        """Those of them that were read ahead, ours no more."""
        taken = ((each, self._ready.pop(each.order_id, None)) for each in due)
        return {each.order_id: o for each, o in taken if o is not None and _is_as_of(o, each)}

    def _read(self, some: Sequence[UUID]) -> dict[UUID, StalkingProtectionOrder]:
        return read_orders(self._register, some)


def _is_as_of(order: StalkingProtectionOrder | None, due: Due) -> bool:
    return order is not None and order.version == due.version


def _left_to_the_sweep(_: UUID, __: Exception) -> None:
    """What cannot be read is put before a person when its time has come."""
