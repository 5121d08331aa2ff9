"""The desk at work: feed in, alerts and bookmark out in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from consumers.arrest_desk import alerts_from, desk_envelope, withdrawals_from
from consumers.log_feed import LogFeed
from domain.alerts import ArrestAlert
from domain.batches import POISON
from domain.events import EVENT_TYPES, Stream
from domain.findings import Finding, FindingWithdrawn
from domain.orders import StalkingProtectionOrder
from domain.parked import ParkedEvent, park
from domain.published import OrderEvent
from domain.register import OrderRegister

BATCH = 500

CONCERNS_THE_DESK = frozenset(
    topic for topic, kind in EVENT_TYPES.items() if issubclass(kind, Finding | FindingWithdrawn)
)


class DeskWorker:
    """Raises each alert once: its id follows from its cause, and the log refuses a second.

    The alerts of a batch and the desk's bookmark are one transaction, so that death between two
    lines leaves either both or neither. A batch another writer got into is done again, without
    what is already there. A finding whose order or alert cannot be read is parked, in the same
    transaction, and keeps no other order waiting.
    """

    def __init__(self, feed: LogFeed, register: OrderRegister, now: Callable[[], datetime]) -> None:
        self._feed = feed
        self._register = register
        self._now = now

    def work(self, wait: float) -> int:
        """Handle what the feed holds, waiting for it at most `wait` seconds; how many events."""
        events = self._feed.read(limit=BATCH, wait=wait)
        if not events:
            return 0
        streams = self._handled(events)
        try:
            # Whatever is pending on a stream is saved alike.
            self._register.keep(streams, self._feed.tracking(events[-1]))
        except IntegrityError:
            self._feed.rewind()
            return 0
        self._feed.committed(events[-1])
        return len(events)

    def _handled(self, events: Sequence[OrderEvent]) -> list[Stream]:
        """The alerts of these events, and the events that had to be parked; none saved yet."""
        orders: dict[UUID, StalkingProtectionOrder] = {}
        alerts: dict[UUID, ArrestAlert] = {}
        parked: list[ParkedEvent] = []
        for event in events:
            if event.topic not in CONCERNS_THE_DESK:
                continue
            try:
                if event.stream_id not in orders:
                    orders[event.stream_id] = self._register.order_by_id(event.stream_id)
                self._apply(event, orders[event.stream_id], alerts)
            except POISON as fault:
                parked.append(park(self._register, self._feed.name, event, fault, self._now()))
        return [*alerts.values(), *parked]

    def _apply(
        self, event: OrderEvent, order: StalkingProtectionOrder, alerts: dict[UUID, ArrestAlert]
    ) -> None:
        now = self._now()
        recorded = order.conclusion(event.version)
        envelope = desk_envelope(recorded, now)
        for identity, raised in alerts_from(recorded, order, raised_at=now):
            self._alert(identity, alerts).raise_(raised, envelope)
        for identity, withdrawal in withdrawals_from(recorded, order):
            alert = self._alert(identity, alerts)
            if alert.raised is not None:
                alert.withdraw(withdrawal, envelope)

    def _alert(self, identity: UUID, alerts: dict[UUID, ArrestAlert]) -> ArrestAlert:
        if identity not in alerts:
            alerts[identity] = self._register.alert(identity)
        return alerts[identity]
