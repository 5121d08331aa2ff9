"""Sweeps: the sheet says whose time has come, the register is told, the order decides again."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from domain.batches import agendas, halved, tell_time
from domain.commands import CommandAnswered
from domain.consultations import ConsultationsReviewed, RecordConsulted
from domain.deadlines import Agenda, Due
from domain.desk.deliveries import (
    DeliveryAnswered,
    DeliveryAttempted,
    DeliveryCalledOff,
    DeliveryQueued,
    DeliveryUnanswered,
    ReceiptReceived,
)
from domain.desk.handovers import HandoverAccepted, HandoverPrepared, HandoverSigned
from domain.desk.receivers import ReceiverFailing, ReceiverGone, ReceiverWorking
from domain.desk.routing import HomeForceFound
from domain.desk.shifts import SignedOff
from domain.desk.staffing import OF_STAFFING
from domain.desk.suppressions import SuppressionDecided, SuppressionEnded, SuppressionProposed
from domain.events import EVENT_TYPES
from domain.findings import Finding, FindingWithdrawn
from domain.lateness import LATE, SweptLate, record_lateness
from domain.line_tests import OF_THE_LINE
from domain.parked import EventDiscarded, EventParked, EventRedriven
from domain.published import EventReader, OrderEvent
from domain.register import OrderRegister
from domain.sheet_audits import SheetAudited
from domain.subjects import OrderLinked
from domain.unread import MessageSettled, MessageUnread
from projections.deadline_sheet import DeadlineSheet
from scheduler.read_ahead import ReadAhead

READ = 500
FIRST_BATCH, BATCH = 50, 250
"""Orders told in one go: at first no more than were told before, so that the most urgent of many that are due
together are on record before the rest are told. A batch takes less time than a claim on it lasts."""


def next_batch(told: int) -> int:
    """How many orders are told in one go after `told` of those that are due."""
    return min(max(told, FIRST_BATCH), BATCH)


_CHANGES_NO_AGENDA = (
    frozenset(
        kind.TOPIC
        for kind in (
            CommandAnswered,
            DeliveryAnswered,
            DeliveryAttempted,
            DeliveryCalledOff,
            DeliveryQueued,
            DeliveryUnanswered,
            EventDiscarded,
            EventParked,
            EventRedriven,
            FindingWithdrawn,
            HomeForceFound,
            HandoverAccepted,
            HandoverPrepared,
            HandoverSigned,
            MessageSettled,
            MessageUnread,
            OrderLinked,
            ReceiptReceived,
            ReceiverFailing,
            ReceiverGone,
            ReceiverWorking,
            ConsultationsReviewed,
            RecordConsulted,
            SheetAudited,
            SignedOff,
            SuppressionDecided,
            SuppressionEnded,
            SuppressionProposed,
            SweptLate,
        )
    )
    | OF_THE_LINE
    | OF_STAFFING
    | {topic for topic, kind in EVENT_TYPES.items() if issubclass(kind, Finding)}
)
"""What is of no order and no alert, and what a sweep concluded: the rows it was due by stand until a sweep has put
others in their place, whoever concluded it and died."""


class Sweep:
    """Keeps the deadline sheet up to the log and tells the register what is due.

    The clock never writes state: a sweep only says what time it is, and the order concludes. Any
    number of sweeps on any number of hosts are harmless, because an order records a conclusion once.
    """

    def __init__(
        self,
        sheet: DeadlineSheet,
        reader: EventReader,
        register: OrderRegister,
        now: Callable[[], datetime],
        set_aside: Callable[[UUID, Exception], None],
    ) -> None:
        """`set_aside` is told of an order that cannot be read or judged; it must not raise."""
        self.sheet = sheet
        self._reader = reader
        self._register = register
        self._now = now
        self._set_aside = set_aside
        self._ahead = ReadAhead(sheet, register)
        self._nobody_due = threading.Event()
        self._nobody_due.set()

    def read(self, wait: float) -> int:
        """Bring the sheet up to the log, waiting for news at most `wait` seconds; events read.

        While orders are told the time that has come, what is to come later waits as long as that.
        """
        left = wait if self._nobody_due.wait(wait) else 0
        after = self.sheet.position
        events = self._reader.read(after, limit=READ, wait=left)
        if events:
            orders = self._unplanned(events)
            now = self._now()

            def planned(some: Sequence[UUID]) -> dict[UUID, Agenda]:
                return agendas(self._register, some, now)

            found = halved(orders, planned, self._set_aside) if orders else {}
            self.sheet.put(found, events[-1].position, after=after)
        return len(events)

    def _unplanned(self, events: Sequence[OrderEvent]) -> list[UUID]:
        """The orders of which the sheet does not know as much; of our own findings it does."""
        newest = {e.stream_id: e.version for e in events if e.topic not in _CHANGES_NO_AGENDA}
        known = self.sheet.versions(list(newest))
        return [order for order, version in newest.items() if known.get(order, -1) < version]

    def raise_due(self) -> int:
        """Tell every order whose time has come, the urgent and the oldest first; how many."""
        self._nobody_due.clear()
        try:
            return self._raise_all()
        finally:
            self._nobody_due.set()

    def _raise_all(self) -> int:
        told, oldest = 0, None
        silent_since = self.sheet.swept_at
        started = self._now()
        while due := self._claim(next_batch(told)):
            oldest = min((each.due_at for each in due), default=oldest)
            self._tell(due)
            told += len(due)
        if not told:
            self.sheet.rearm({}, started)
        elif oldest is not None and started - oldest > LATE:
            record_lateness(self._register, told, oldest, silent_since, self._now())
        return told

    def read_ahead(self) -> bool:
        """Read some of the orders that fall due next; whether there may be more of them."""
        return self._ahead.fill(self._now())

    def _claim(self, limit: int) -> list[Due]:
        now, next_due = self._now(), self.sheet.next_due()
        if next_due is None or next_due > now:
            return []
        return self.sheet.claim(now, limit=limit)

    def _tell(self, due: Sequence[Due]) -> None:
        now = self._now()

        def told(some: Sequence[Due]) -> dict[UUID, Agenda]:
            # Taken, so that what is tried again after a fault or a lost race is read anew.
            return tell_time(self._register, some, now, self._ahead.take(some))

        aside: dict[UUID, Agenda] = {}

        def set_aside(one: Due, fault: Exception) -> None:
            self._set_aside(one.order_id, fault)
            aside[one.order_id] = Agenda(one.version, 1, [])

        found = halved(due, told, set_aside)
        # An order set aside has no rows left: whoever mends it is told by the record of it. One that
        # another writer got to keeps its rows: that writer may die before it has put others there.
        self.sheet.rearm(aside | found, now)
