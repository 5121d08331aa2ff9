"""Asks those who carry messages how far each came, and puts what failed on the way before a person.

We ask, over the way we trust, with our own key: nobody can hand us a receipt that is none. What is told of
another message than was asked for is not believed.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from eventsourcing.persistence import IntegrityError, ProcessRecorder, Tracking

from consumers.channels.message import Confirming, Receipt
from domain.batches import POISON
from domain.desk.deliveries import Delivery, DeliveryAnswered, DeliveryState, delivery_id
from domain.parked import EventRedriven, as_given, park
from domain.published import EventReader, OrderEvent
from domain.register import OrderRegister

READ = 500
ASKED_AFTER: Sequence[timedelta] = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(hours=73),
)
"""Since it was sent. Notify itself gives a message up after 72 hours."""
_READER = "receipts"
_HEARD = frozenset({DeliveryAnswered.TOPIC, EventRedriven.TOPIC})


@dataclass(order=True, slots=True)
class _Open:
    due_at: datetime
    position: int
    asked: int = field(compare=False)
    answered: OrderEvent = field(compare=False)


class ReceiptCollector:
    """Of one channel. Any number may run: what is known already is not recorded again."""

    def __init__(
        self,
        channel: Confirming,
        register: OrderRegister,
        reader: EventReader,
        now: Callable[[], datetime],
    ) -> None:
        self._channel = channel
        self._register = register
        self._reader = reader
        self._now = now
        self.name = f"receipts:{channel.name}"
        self._bookmarks = cast("ProcessRecorder", register.recorder)
        self._bookmark = self._bookmarks.max_tracking_id(self.name) or 0
        self._read_upto = self._bookmark
        self._open: list[_Open] = []
        self._soonest: datetime | None = None

    @property
    def late(self) -> float:
        """Seconds for which the message that is longest due has waited to be asked for; from any thread."""
        due = self._soonest
        return 0.0 if due is None else max(0.0, (self._now() - due).total_seconds())

    def work(self, wait: float) -> int:
        """Read on, at most `wait` seconds, and ask for what is due; how many were asked for."""
        events = self._reader.read(self._read_upto, limit=READ, wait=min(wait, self._until_due()))
        for event in events:
            if event.topic in _HEARD:
                self._take_in(event)
            self._read_upto = event.position
        asked = 0
        while self._one_is_due():
            each = heapq.heappop(self._open)
            try:
                with self._parking(each.answered):
                    self._ask(each)
            except BaseException:  # the bookmark would pass it by
                heapq.heappush(self._open, each)
                raise
            asked += 1
        self._move_bookmark()
        return asked

    def _one_is_due(self) -> bool:
        """`late` counts from the one that is asked for now, until its answer is there."""
        self._soonest = self._open[0].due_at if self._open else None
        return self._soonest is not None and self._soonest <= self._now()

    def _take_in(self, event: OrderEvent) -> None:
        with self._parking(event):
            answered = as_given(self._register, _READER, event)
            if answered.topic == DeliveryAnswered.TOPIC:
                self._ask_later(_Open(self._now(), event.position, 0, answered))

    @contextmanager
    def _parking(self, event: OrderEvent) -> Iterator[None]:
        """One whose record cannot be read is put before a person, and keeps no other waiting."""
        try:
            yield
        except POISON as fault:
            self._register.keep([park(self._register, _READER, event, fault, self._now())])

    def _until_due(self) -> float:
        if not self._open:
            return float("inf")
        return max(0.0, (self._open[0].due_at - self._now()).total_seconds())

    def _ask_later(self, each: _Open) -> None:
        delivery = self._register.read(Delivery(each.answered.stream_id))
        if self._is_open(delivery) and delivery.attempted_at and each.asked < len(ASKED_AFTER):
            each.due_at = delivery.attempted_at + ASKED_AFTER[each.asked]
            heapq.heappush(self._open, each)

    def _is_open(self, delivery: Delivery) -> bool:
        ours = delivery.queued is not None and delivery.queued.channel == self._channel.name
        return ours and delivery.state is DeliveryState.ACCEPTED and bool(delivery.provider_id)

    def _ask(self, each: _Open) -> None:
        delivery = self._register.read(Delivery(each.answered.stream_id))
        receipt = self._channel.how_far(delivery.provider_id or "")
        if receipt is not None and _is_of(receipt, delivery):
            now = self._now()
            delivery.receipt(receipt.state, receipt.at, now, said=receipt.said)
            delivery.tell_a_person(now)
            with suppress(IntegrityError):  # another process was first; its record is as good
                self._register.keep([delivery])
        each.asked += 1
        self._ask_later(each)

    def _move_bookmark(self) -> None:
        first = min((each.position for each in self._open), default=self._read_upto + 1)
        if first - 1 > self._bookmark:
            self._bookmark = first - 1
            with suppress(IntegrityError):
                self._bookmarks.insert_tracking(Tracking(self.name, self._bookmark))


def _is_of(receipt: Receipt, delivery: Delivery) -> bool:
    """Whether the message they speak of is the one that was sent."""
    queued = delivery.queued
    return queued is not None and delivery.id == delivery_id(
        queued.alert_id, receipt.reference, queued.channel, queued.receiver
    )
