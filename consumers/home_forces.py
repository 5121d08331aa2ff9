"""After an alert is raised: the force where the person lives, if nobody has told it yet."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import cast

from eventsourcing.persistence import IntegrityError, ProcessRecorder

from consumers.feed import TrackedFeed
from consumers.passed_by import PassedBy
from domain.alerts import AlertRaised
from domain.arranging import history_of
from domain.batches import POISON
from domain.desk.routing import HomeForce, force_of_home, home_force_stream
from domain.events import Stream
from domain.history import home_on_record
from domain.parked import park
from domain.published import OrderEvent
from domain.register import OrderRegister

BATCH = 200


class HomeForces:
    """Bookmark and effect are one transaction; what cannot be read is parked and holds nobody up."""

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
        raised = [event for event in events if event.topic == AlertRaised.TOPIC]
        found = [each for event in raised for each in self._handled(event)]
        if not found:
            return len(events) if self._passed_by.over(events[-1]) else 0
        place = self._feed.tracking(events[-1])
        try:
            self._register.keep(found, place)
        except IntegrityError:  # another process was first
            self._feed.rewind()
            return 0
        self._passed_by.saved(place)
        self._feed.committed(events[-1])
        return len(events)

    def _handled(self, event: OrderEvent) -> list[Stream]:
        try:
            return list(self._looked_up(event))
        except POISON as fault:
            return [park(self._register, self._feed.name, event, fault, self._now())]

    def _looked_up(self, event: OrderEvent) -> Iterator[Stream]:
        raised = self._register.alert(event.stream_id).raised
        if raised is None:
            return
        order = self._register.order_by_id(raised.order_id)
        force = force_of_home(home_on_record(history_of(order.facts, order.regime)))
        if force is None or force in raised.forces:
            return
        home = self._register.read(HomeForce(home_force_stream(event.stream_id)))
        home.find(event.stream_id, force, self._now())
        yield home
