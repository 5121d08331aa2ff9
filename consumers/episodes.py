"""Episodes: a person who breaks an order again makes the alerts still open on them sound again.

Breaches were dealt with one by one, and the pattern was not seen. Whoever has an earlier alert of the same
person must take it again, and sees why.
"""

from collections.abc import Callable, Iterator, Sequence
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
TOGETHER = 50
"""Events whose effect is one transaction: others wait for the log meanwhile."""
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
        for first in range(0, len(events), TOGETHER):
            if not self._handled(events[first : first + TOGETHER]):
                self._feed.rewind()
                return 0
        return len(events) if self._passed_by.over(events[-1]) else 0

    def _handled(self, events: Sequence[OrderEvent]) -> bool:
        """False when another writer was first, and it must be done again.

        Together, so that ten breaches of one person are not ten readings of all that is open on them; one
        by one where one cannot be read, or another writer was first to one of the alerts.
        """
        try:
            streams = self._heard(events)
        except POISON as fault:
            if len(events) > 1:
                return self._one_by_one(events)
            streams = [park(self._register, self._feed.name, events[0], fault, self._now())]
        if not streams or self._kept(streams, events[-1]):
            return True
        return len(events) > 1 and self._one_by_one(events)

    def _one_by_one(self, events: Sequence[OrderEvent]) -> bool:
        return all(self._handled([event]) for event in events)

    def _heard(self, events: Sequence[OrderEvent]) -> list[Stream]:
        """The alerts that sound again because of these, each once. Raises when one cannot be read."""
        on_record = _OnRecord(self._register)
        sounding: dict[UUID, AlertCase] = {}
        for event in events:
            if event.topic in _HEARD:
                given = as_given(self._register, self._feed.name, event)
                if given.topic == AlertRaised.TOPIC:
                    again = self._sounding(given.stream_id, on_record)
                    sounding |= {case.id: case for case in again}
        return [*sounding.values()]

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

    def _sounding(self, new: UUID, on_record: "_OnRecord") -> Iterator[AlertCase]:
        raised = on_record.case(new).raised
        if raised is None or raised.code not in BREACHES:
            return
        for identity in on_record.alerts_on_the_person_of(raised.order_id):
            case = on_record.case(identity)
            earlier = case.raised is not None and case.raised.raised_at <= raised.raised_at
            if identity != new and earlier and case.resound(new, raised.priority, self._now()):
                yield case


class _OnRecord:
    """What is read for a few events that are handled together; each of it once."""

    def __init__(self, register: OrderRegister) -> None:
        self._register = register
        self._cases: dict[UUID, AlertCase] = {}
        self._of_order: dict[UUID, Sequence[UUID]] = {}

    def case(self, alert: UUID) -> AlertCase:
        if alert not in self._cases:
            self._cases[alert] = read_case(self._register, alert)
        return self._cases[alert]

    def alerts_on_the_person_of(self, order_id: UUID) -> Sequence[UUID]:
        """Those of breaches, on whichever order of the person."""
        if order_id not in self._of_order:
            order = self._register.order_by_id(order_id)
            person = order.subject_id
            ids = [order.id] if person is None else self._register.subject(person).order_ids
            orders = (
                order if each == order.id else self._register.order_by_id(each) for each in ids
            )
            found = (alert for each in orders for alert in alerts_of(each))
            self._of_order[order_id] = list(dict.fromkeys(found))
        return self._of_order[order_id]
