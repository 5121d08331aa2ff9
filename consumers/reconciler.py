"""The reconciler: the second road to an alert, for what the desk has not raised within its grace.

It finds what there is to raise by reading the log itself and shares nothing with the desk but the
rules and how a stream is read; what cannot be read or saved together it reads alone, in another way.
Both write under the same key, so that the store refuses whoever comes second.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, ProcessRecorder, Tracking

from consumers.alert_rules import WHAT_RULES_READ, WORDS_RULES_READ
from consumers.arrest_desk import Act, acts_on
from consumers.on_other_orders import elsewhere
from domain.alerts import ArrestAlert
from domain.batches import POISON, read_all
from domain.desk.reception import Reception
from domain.events import EVENT_TYPES, Stream
from domain.findings import BreachRecorded, Finding, FindingWithdrawn
from domain.line_tests import LineTestBegun, readable_test
from domain.orders import StalkingProtectionOrder
from domain.parked import EventRedriven, park, read_parked, redriven_event, waits
from domain.published import EventReader, OrderEvent
from domain.register import OrderRegister

GRACE = 1.5
"""Seconds, on the monotonic clock, that the desk has for a finding or a withdrawal.

Half a second less than an alert may be late at most: seeing it and writing it take time too.
"""

READER = "reconciler"
DESK = "arrest-desk"
_LIMIT = 500
_TOGETHER = 200
_TRIES = 10
_LOOK_EVERY = 0.1
"""Seconds between two looks while something is waiting."""

_CONCLUSIONS = frozenset(
    topic for topic, kind in EVENT_TYPES.items() if issubclass(kind, Finding | FindingWithdrawn)
)


class Reconciler:
    """Raises and withdraws what the desk has not; says each time that it had to."""

    def __init__(
        self,
        reader: EventReader,
        register: OrderRegister,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        noticed: Callable[[OrderEvent, UUID], None],
    ) -> None:
        """`noticed` is told of each alert that the desk owed; it must not raise."""
        self._reader = reader
        self._register = register
        self._now = now
        self._monotonic = monotonic
        self._noticed = noticed
        self._bookmarks = cast("ProcessRecorder", register.recorder)
        self._seen = self._bookmarks.max_tracking_id(READER) or 0
        self._before = register.recorder.max_notification_id() or 0
        self._waiting: deque[tuple[float, OrderEvent]] = deque()
        self._desk = (0, 0.0)
        self._reception = Reception(register)

    def work(self, wait: float) -> int:
        """Look for news, at most `wait` seconds, then at what has waited long enough; how many."""
        self._take_in(min(wait, _LOOK_EVERY) if self._waiting else wait)
        ripe = self._ripe()
        for start in range(0, len(ripe), _TOGETHER):
            some = ripe[start : start + _TOGETHER]
            self._look_at_all([event for each in some for event in self._conclusions(each)])
            self._look_at_tests(some)
            # Not before: where the database fails meanwhile, they are looked at again.
            for _ in some:
                self._waiting.popleft()
        if ripe:
            with suppress(IntegrityError):  # another reconciler is further on
                self._bookmarks.insert_tracking(Tracking(READER, ripe[-1].position))
        return len(ripe)

    def _take_in(self, wait: float) -> None:
        if len(self._waiting) < _LIMIT:
            news = self._reader.read(self._seen, limit=_LIMIT, wait=wait)
            self._waiting += [(self._monotonic(), event) for event in news]
            self._seen = news[-1].position if news else self._seen

    def _ripe(self) -> list[OrderEvent]:
        """What has waited for its grace, and that the desk has passed or does not get to.

        A desk that is only busy is left to it: two writers would stand in each other's way. What was
        on the log before this began has had its grace.
        """
        now = self._monotonic()
        position, since = self._desk_at(now)
        stuck = now - since >= GRACE
        ripe = []
        for seen, event in self._waiting:
            passed = event.position <= position
            waited = now - seen >= GRACE or (passed and event.position <= self._before)
            if not waited or not (passed or stuck):
                break
            ripe.append(event)
        return ripe

    def _desk_at(self, now: float) -> tuple[int, float]:
        """How far the desk is, and since when."""
        position = self._bookmarks.max_tracking_id(DESK) or 0
        if position != self._desk[0] or not self._desk[1]:
            self._desk = position, now
        return self._desk

    def _conclusions(self, event: OrderEvent) -> Iterator[OrderEvent]:
        """The event, or the one that can be read again, where it is one that may owe an alert."""
        try:
            if event.topic == EventRedriven.TOPIC:
                parked = read_parked(self._register, event.stream_id)
                event = redriven_event(parked, event.position)
        except POISON as fault:
            self._give_up(event, fault)
            return
        if event.topic in _CONCLUSIONS:
            yield event

    def _look_at_tests(self, events: Sequence[OrderEvent]) -> None:
        """A line test that the desk has not passed on goes by the second road."""
        for event in events:
            if event.topic == LineTestBegun.TOPIC:
                test = readable_test(self._register, event.stream_id)
                if test is not None:
                    test.raise_(READER, self._now())
                    self._kept(test)

    def _look_at_all(self, events: Sequence[OrderEvent]) -> None:
        """By few queries and one transaction; one by one where one cannot be read or lost a race."""
        try:
            owed = self._done_together(events) if events else []
        except (*POISON, IntegrityError):
            for event in events:
                self._look_at(event)
            return
        for act in owed:
            self._noticed(act.event, act.alert)

    def _done_together(self, events: Sequence[OrderEvent]) -> list[Act]:
        """What the desk owed of these, saved."""
        streams = list({event.stream_id: None for event in events})
        topics, words, kind = WHAT_RULES_READ, WORDS_RULES_READ, StalkingProtectionOrder
        orders = read_all(self._register, kind, streams, topics=topics, words=words)
        acts = self._judged(events, orders)
        alerts = read_all(self._register, ArrestAlert, list({act.alert: None for act in acts}))
        owed = []
        for act in acts:
            version = alerts[act.alert].version
            act.on(alerts[act.alert])
            owed += [act] if alerts[act.alert].version != version else []
        changed = {act.alert: alerts[act.alert] for act in owed}.values()
        received = list(self._reception.receive(changed, self._now()))
        self._register.keep([*changed, *received])
        return owed

    def _look_at(self, event: OrderEvent) -> None:
        try:
            for act in self._acts(event):
                self._do(act)
        except POISON as fault:
            self._give_up(event, fault)

    def _acts(self, event: OrderEvent) -> list[Act]:
        order = StalkingProtectionOrder(event.stream_id)
        for stored in self._register.recorder.select_events(event.stream_id):
            if stored.topic in WHAT_RULES_READ:
                order.fold(self._register.read_back([stored], words=WORDS_RULES_READ))
        return self._judged([event], {order.id: order})

    def _judged(
        self, events: Sequence[OrderEvent], orders: Mapping[UUID, StalkingProtectionOrder]
    ) -> list[Act]:
        repeats = self._register.repeats()
        broken = {event.stream_id for event in events if event.topic == BreachRecorded.TOPIC}
        others = elsewhere(self._register, [orders[each] for each in broken])
        acts: list[Act] = []
        for event in events:
            order = orders[event.stream_id]
            found, besides = order.conclusion(event.version), others.get(order.id, ())
            acts += acts_on(event, found, order, self._now(), repeats, besides)
        return acts

    def _do(self, act: Act) -> None:
        """Until it is done, by us or by the desk: an operator may have written to the alert.

        Raises `IntegrityError` when somebody always is first: it is looked at again.
        """
        for _ in range(_TRIES):
            alert = self._register.read(ArrestAlert(act.alert))
            version = alert.version
            act.on(alert)
            if alert.version == version:
                return
            if self._kept(alert, *self._reception.receive([alert], self._now())):
                self._noticed(act.event, act.alert)
                return
        msg = f"alert {act.alert} was written to by others {_TRIES} times"
        raise IntegrityError(msg)

    def _give_up(self, event: OrderEvent, fault: Exception) -> None:
        """What nobody can read is put before a person once, by the desk or by us."""
        if not waits(self._register, DESK, event):
            self._kept(park(self._register, READER, event, fault, self._now()))

    def _kept(self, *streams: Stream) -> bool:
        """Whether there was anything to save, and we were the one to save it."""
        events = [each for stream in streams for each in stream.collect_events()]
        try:
            self._register.events.put(events)
        except IntegrityError:
            return False
        return bool(events)
