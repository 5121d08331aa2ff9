"""Episodes: a person who breaks an order again makes the alerts still open on them sound again.

Breaches were dealt with one by one, and the pattern was not seen. Whoever has an earlier alert of the same
person must take it again, and sees why.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, ProcessRecorder

from consumers.alert_rules import demands
from consumers.feed import TrackedFeed
from consumers.passed_by import PassedBy
from domain.alerts import BREACHES, AlertRaised, alert_id
from domain.batches import POISON
from domain.desk.case import AlertCase
from domain.desk.reading import read_case
from domain.events import Stream
from domain.orders import StalkingProtectionOrder
from domain.parked import EventRedriven, as_given, park
from domain.published import OrderEvent
from domain.register import OrderRegister

BATCH = 200
_HEARD = frozenset({AlertRaised.TOPIC, EventRedriven.TOPIC})


def alerts_of(order: StalkingProtectionOrder) -> Iterator[UUID]:
    """The alerts that what stands on this order demands, by the ids they have for ever."""
    for found in order.standing.values():
        for demand in demands(found, order):
            if demand.code in BREACHES:
                yield alert_id(found.event_id, demand.rule)


class Episodes:
    """Bookmark and effect are one transaction; an alert sounds once for each new breach.

    Any number may run: whoever was beaten to an alert, or to the bookmark, reads on from there.
    """

    def __init__(
        self, feed: TrackedFeed, register: OrderRegister, now: Callable[[], datetime]
    ) -> None:
        self._feed = feed
        self._register = register
        self._now = now
        self._passed_by = PassedBy(feed, cast("ProcessRecorder", register.recorder), now)

    def work(self, wait: float) -> int:
        """Handle what the feed holds, waiting for it at most `wait` seconds; how many events."""
        events = self._feed.read(limit=BATCH, wait=wait)
        if not events:
            self._passed_by.settle()
            return 0
        streams: list[Stream] = []
        for event in events:
            streams = self._heard(event) if event.topic in _HEARD else []
            if streams and not self._kept(streams, event):
                self._feed.rewind()
                return 0
        return len(events) if streams or self._passed_by.over(events[-1]) else 0

    def _heard(self, event: OrderEvent) -> list[Stream]:
        """The alerts that sound again because of it; or that it cannot be read."""
        try:
            given = as_given(self._register, self._feed.name, event)
            return list(self._sounding(given.stream_id)) if given.topic == AlertRaised.TOPIC else []
        except POISON as fault:
            return [park(self._register, self._feed.name, event, fault, self._now())]

    def _kept(self, streams: list[Stream], event: OrderEvent) -> bool:
        """False when another writer was first, and it must be done again."""
        place = self._feed.tracking(event)
        try:
            self._register.keep(streams, place)
        except IntegrityError:
            return False
        self._passed_by.saved(place)
        self._feed.committed(event)
        return True

    def _sounding(self, new: UUID) -> Iterator[AlertCase]:
        raised = self._register.alert(new).raised
        if raised is None or raised.code not in BREACHES:
            return
        order = self._register.order_by_id(raised.order_id)
        person = order.subject_id
        ids = [order.id] if person is None else self._register.subject(person).order_ids
        orders = (order if each == order.id else self._register.order_by_id(each) for each in ids)
        earlier = (alert for each in orders for alert in alerts_of(each) if alert != new)
        for identity in dict.fromkeys(earlier):
            case = read_case(self._register, identity)
            before = case.raised is not None and case.raised.raised_at <= raised.raised_at
            if before and case.resound(new, raised.priority, self._now()):
                yield case
