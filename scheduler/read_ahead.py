"""Read ahead: orders that fall due in the next seconds are read and judged before their instant comes.

At midnight thousands fall due together, and both take longer than putting on record what comes of
it. Nothing is recorded ahead. What was read is only used if the order is still at the version the
sheet knows; the log refuses what was decided on anything older.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.batches import halved
from domain.clocked import Clocked, judge_ahead, read_clocked
from domain.deadlines import Due
from domain.register import OrderRegister
from projections.deadline_sheet import DeadlineSheet

AHEAD = timedelta(seconds=8)
MOST = 10_000
"""Orders; some 17 kB each."""

SLICE = 30
"""Orders read in one go: what falls due meanwhile waits some ten milliseconds at most."""

_LIST_EVERY = timedelta(seconds=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class ReadAhead:
    """Orders by their id, as they were when they were read."""

    def __init__(self, sheet: DeadlineSheet, register: OrderRegister) -> None:
        self._sheet = sheet
        self._register = register
        self._ready: dict[UUID, Clocked] = {}
        self._unread: list[Due] = []
        self._listed_at = _NEVER

    def fill(self, now: datetime) -> bool:
        """Read a slice of what is missing; whether there may be more."""
        if not timedelta(0) <= now - self._listed_at < _LIST_EVERY:
            self._list(now)
        some, self._unread = self._unread[:SLICE], self._unread[SLICE:]
        if some:
            self._ready |= halved(some, self._read, _left_to_the_sweep)
        return bool(self._unread)

    def _list(self, now: datetime) -> None:
        """What falls due soon and is not read yet; what does not any more is let go."""
        self._listed_at = now
        next_due = self._sheet.next_due()
        soon = next_due is not None and next_due <= now + AHEAD
        coming = self._sheet.coming(now, now + AHEAD, limit=MOST) if soon else []
        wanted = {each.order_id for each in coming}
        self._ready = {i: order for i, order in self._ready.items() if i in wanted}
        self._unread = [e for e in coming if not _is_as_of(self._ready.get(e.order_id), e)]

    def take(self, due: Sequence[Due]) -> dict[UUID, Clocked]:
        """Those of them that were read ahead, ours no more."""
        taken = ((each, self._ready.pop(each.order_id, None)) for each in due)
        return {each.order_id: o for each, o in taken if o is not None and _is_as_of(o, each)}

    def _read(self, some: Sequence[Due]) -> dict[UUID, Clocked]:
        read = read_clocked(self._register, [each.order_id for each in some])
        for each in some:
            judge_ahead(read[each.order_id], each)
        return read


def _is_as_of(order: Clocked | None, due: Due) -> bool:
    return order is not None and order.version == due.version


def _left_to_the_sweep(_: Due, __: Exception) -> None:
    """What cannot be read is put before a person when its time has come."""
