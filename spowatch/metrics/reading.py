"""Readers and feeds, measured: how many events, how long until the next are asked for, what came twice."""

from collections import deque
from collections.abc import Sequence
from time import perf_counter

from eventsourcing.persistence import Tracking

from consumers.feed import TrackedFeed
from domain.published import EventReader, OrderEvent
from spowatch.metrics.roles import RoleMeter

REMEMBERED = 10_000
"""Events by which a feed knows again what it was handed before."""


class _Handling:
    """The time between a reading that found something and the next one."""

    def __init__(self, meter: RoleMeter) -> None:
        self._meter = meter
        self._begun: float | None = None

    def asked_again(self) -> None:
        if self._begun is not None:
            self._meter.handling.observe(perf_counter() - self._begun)
            self._begun = None

    def found(self, events: Sequence[OrderEvent]) -> Sequence[OrderEvent]:
        if events:
            self._begun = perf_counter()
            self._meter.events.inc(len(events))
            self._meter.position.set(events[-1].position)
        return events


class MeasuredReader:
    """A reader of the log for one role."""

    def __init__(self, reader: EventReader, meter: RoleMeter) -> None:
        self._reader = reader
        self._handling = _Handling(meter)

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        self._handling.asked_again()
        return self._handling.found(self._reader.read(after, limit=limit, wait=wait))


class MeasuredFeed:
    """A feed of one role, whatever is behind it; a broker may hand over the same thing again."""

    def __init__(self, feed: TrackedFeed, meter: RoleMeter) -> None:
        self._feed = feed
        self._meter = meter
        self._handling = _Handling(meter)
        self._order: deque[int] = deque()
        self._seen: set[int] = set()
        self.name = feed.name

    def read(self, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        self._handling.asked_again()
        events = self._handling.found(self._feed.read(limit=limit, wait=wait))
        for event in events:
            self._remember(event.position)
        return events

    def _remember(self, position: int) -> None:
        if position in self._seen:
            self._meter.repeats.inc()
            return
        self._seen.add(position)
        self._order.append(position)
        if len(self._order) > REMEMBERED:
            self._seen.remove(self._order.popleft())

    def commit(self, upto: OrderEvent) -> None:
        self._feed.commit(upto)

    def tracking(self, upto: OrderEvent) -> Tracking:
        return self._feed.tracking(upto)

    def committed(self, upto: OrderEvent) -> None:
        self._feed.committed(upto)

    @property
    def more(self) -> bool:
        return self._feed.more

    @property
    def follows_log(self) -> bool:
        return self._feed.follows_log

    @property
    def rewinds(self) -> int:
        return self._feed.rewinds

    def rewind(self) -> None:
        self._feed.rewind()
