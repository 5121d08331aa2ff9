"""Sweeps: the sheet says whose time has come, the register is told, the order decides again."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.commands import CommandAnswered
from domain.published import EventReader
from domain.register import OrderRegister
from domain.subjects import OrderLinked
from projections.deadline_sheet import DeadlineSheet

BATCH = 500
LONGEST_SLEEP = 1.0
"""Seconds; a clock that was stepped, or a wake-up that was lost, costs no more than this."""


class Sweep:
    """Keeps the deadline sheet up to the log and tells the register what is due.

    The clock never writes state: a sweep only says what time it is. Two sweeps at once are
    harmless, because an order records a conclusion once.
    """

    def __init__(
        self,
        sheet: DeadlineSheet,
        reader: EventReader,
        register: OrderRegister,
        now: Callable[[], datetime],
    ) -> None:
        self._sheet = sheet
        self._reader = reader
        self._register = register
        self._now = now

    def work(self, wait: float) -> int:
        """Read new events, then raise what is due; how many of both."""
        return self._read(self._patience(wait)) + self._raise_due()

    def _patience(self, wait: float) -> float:
        next_due = self._sheet.next_due()
        if next_due is None:
            return min(wait, LONGEST_SLEEP)
        remaining = (next_due - self._now()).total_seconds()
        return max(0.0, min(wait, remaining, LONGEST_SLEEP))

    def _read(self, wait: float) -> int:
        events = self._reader.read(self._sheet.position, limit=BATCH, wait=wait)
        if not events:
            return 0
        orders = {event.stream_id for event in events if event.topic not in _NEVER_AN_ORDERS}
        due = {order: self._register.next_instant(order) for order in orders}
        self._sheet.put(due, events[-1].position)
        return len(events)

    def _raise_due(self) -> int:
        due = self._sheet.due_by(self._now(), limit=BATCH)
        started = monotonic()
        for done, order in enumerate(due, start=1):
            self._sheet.rearm({order: self._register.tick(order, now=self._now())})
            if monotonic() - started > LONGEST_SLEEP:
                return done
        return len(due)


_NEVER_AN_ORDERS = frozenset(
    kind.TOPIC for kind in (AlertRaised, AlertWithdrawn, CommandAnswered, OrderLinked)
)
