"""The desk at work: feed in, alerts and bookmark out in one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, ProcessRecorder, Tracking

from consumers.alert_rules import WHAT_RULES_READ, WORDS_RULES_READ
from consumers.arrest_desk import Act, acts_on
from consumers.feed import TrackedFeed
from consumers.line_receipts import receive
from consumers.on_other_orders import WHICH_ORDERS, elsewhere
from consumers.out_of_turn import OutOfTurn
from consumers.passed_by import PassedBy
from domain.alerts import ArrestAlert
from domain.batches import POISON, halved, read_all
from domain.brought import NOTHING_BROUGHT, BringAlong, Brought
from domain.desk.reception import Reception
from domain.events import EVENT_TYPES, Stream
from domain.findings import BreachRecorded, Finding, FindingWithdrawn
from domain.line_tests import LineTest, LineTestBegun, readable_test
from domain.orders import StalkingProtectionOrder
from domain.parked import ParkedEvent, park
from domain.published import OrderEvent
from domain.register import OrderRegister

FIRST_BATCH, BATCH = 50, 250
"""Events read in one go: few where the desk has caught up, and twice as many each time more were waiting. What
is urgent is put on record before the rest, and is raised before the rest is read. A breach reported meanwhile waits
for the batch at work; larger ones would make it wait longer and save nothing."""
ARREST_DESK = "arrest-desk"
S = TypeVar("S", bound=Stream)

CONCERNS_THE_DESK = frozenset(
    topic for topic, kind in EVENT_TYPES.items() if issubclass(kind, Finding | FindingWithdrawn)
)


_CONCERNS = CONCERNS_THE_DESK | {LineTestBegun.TOPIC}


class DeskWorker:
    """Raises each alert once: its id follows from its cause, and the log refuses a second.

    The alerts of a batch and the desk's bookmark are one transaction, so that death between two
    lines leaves either both or neither. A batch another writer got into is done again, without
    what is already there. A finding whose order or alert cannot be read is parked, in the same
    transaction, and keeps no other order waiting. What a decision on record holds back is raised all
    the same, and held in the same transaction. While more is waiting than it reads in one go, breaches behind that
    are raised first; when their turn comes there is nothing left to do about them.
    """

    def __init__(
        self,
        feed: TrackedFeed,
        register: OrderRegister,
        now: Callable[[], datetime],
        along: BringAlong | None = None,
    ) -> None:
        """`along` is filled by what `feed` reads from, where that can."""
        self._along = along or BringAlong()
        self._along.topics, self._along.of_people = CONCERNS_THE_DESK, WHICH_ORDERS
        self._feed = feed
        self._register = register
        self._now = now
        self._reception = Reception(register)
        self._passed_by = PassedBy(feed, cast("ProcessRecorder", register.recorder), now)
        self._out_of_turn = OutOfTurn(register.recorder, CONCERNS_THE_DESK)
        self._batch = FIRST_BATCH

    def work(self, wait: float) -> int:
        """Handle what the feed holds, waiting for it at most `wait` seconds; how many events."""
        self._along.past = self._reception.asks_for()
        limit, self._batch = self._batch, FIRST_BATCH
        events, brought = self._feed.read(limit=limit, wait=wait), self._along.taken()
        if not events:
            self._out_of_turn.caught_up()
            self._passed_by.settle()
            return 0
        if self._feed.more and self._feed.follows_log:
            self._out_of_turn.bring_forward(events, self._saved)
        if not any(event.topic in _CONCERNS for event in events):
            return self._done(events, limit) if self._passed_by.over(events[-1]) else 0
        place = self._feed.tracking(events[-1])
        if not self._saved(events, brought, place):
            self._feed.rewind()
            return 0
        self._passed_by.saved(place)
        self._feed.committed(events[-1])
        self._passed_on(events)
        return self._done(events, limit)

    def _done(self, events: Sequence[OrderEvent], limit: int) -> int:
        """How many were handled; where more are waiting the next batch is larger."""
        if self._feed.more:
            self._batch = min(2 * limit, BATCH)
        else:
            self._batch = FIRST_BATCH
            self._out_of_turn.caught_up()
        return len(events)

    def _saved(
        self,
        events: Sequence[OrderEvent],
        brought: Brought = NOTHING_BROUGHT,
        place: Tracking | None = None,
    ) -> bool:
        """Whether what these demand is on record now, with `place`. False when others were first twice."""
        for alerts_may_exist in (False, True):
            streams = self._handled(events, brought, alerts_may_exist=alerts_may_exist)
            brought = NOTHING_BROUGHT
            try:
                # Whatever is pending on a stream is saved alike.
                self._register.keep(streams, place)
            except IntegrityError:
                continue
            return True
        return False

    def _passed_on(self, events: Sequence[OrderEvent]) -> None:
        """Over a broker our bookmark does not show how far in the log we are: say it of a line test."""
        for event in events:
            if event.topic == LineTestBegun.TOPIC:
                receive(self._register.recorder, ARREST_DESK, event.position)  # type: ignore[arg-type]  # the log keeps bookmarks

    def _line_tests(self, events: Sequence[OrderEvent]) -> list[LineTest]:
        """The line tests among these, put on to everyone who would be told of a breach."""
        tests = [event.stream_id for event in events if event.topic == LineTestBegun.TOPIC]
        read = (readable_test(self._register, each) for each in tests)
        found = [test for test in read if test is not None]
        for test in found:
            test.raise_(ARREST_DESK, self._now())
        return found

    def _handled(
        self, events: Sequence[OrderEvent], brought: Brought, *, alerts_may_exist: bool
    ) -> list[Stream]:
        """The alerts of these events, and the events that had to be parked; none saved yet.

        An alert about to be raised is hardly ever there before: it is looked for when the log said
        so, and when its finding was found out of its turn.
        """
        concerned = [event for event in events if event.topic in CONCERNS_THE_DESK]
        unread: dict[UUID, Exception] = {}
        streams = dict.fromkeys(event.stream_id for event in concerned)
        orders = self._read(StalkingProtectionOrder, streams, unread, WHAT_RULES_READ, brought)
        acts, parked = self._acts(concerned, orders, unread, brought)
        found = self._out_of_turn.found
        new = [a.alert for a in acts if a.raises and not (alerts_may_exist or found(a.event))]
        alerts = {each: ArrestAlert(each) for each in new}
        there = dict.fromkeys(each.alert for each in acts if each.alert not in alerts)
        alerts |= self._read(ArrestAlert, there, unread)
        for act in acts:
            if act.alert in alerts:
                act.on(alerts[act.alert])
            else:
                parked.append(self._park(act.event, unread[act.alert]))
        kept = {each.id: each for each in parked}.values()
        received = self._reception.receive(alerts.values(), self._now(), brought)
        return [*alerts.values(), *received, *kept, *self._line_tests(events)]

    def _read(
        self,
        kind: type[S],
        identities: Collection[UUID],
        unread: dict[UUID, Exception],
        topics: Collection[str] = (),
        brought: Brought = NOTHING_BROUGHT,
    ) -> dict[UUID, S]:
        """What can be read; why the others cannot is added to `unread`."""

        def read(some: Sequence[UUID]) -> dict[UUID, S]:
            return read_all(
                self._register, kind, some, topics=topics, words=WORDS_RULES_READ, brought=brought
            )

        return halved(list(identities), read, unread.__setitem__)

    def _acts(
        self,
        events: Sequence[OrderEvent],
        orders: Mapping[UUID, StalkingProtectionOrder],
        unread: Mapping[UUID, Exception],
        brought: Brought,
    ) -> tuple[list[Act], list[ParkedEvent]]:
        """What the desk does because of each event, and the events nobody can make sense of."""
        acts: list[Act] = []
        parked: list[ParkedEvent] = []
        repeats = self._register.repeats()
        broken = {event.stream_id for event in events if event.topic == BreachRecorded.TOPIC}
        of_these = [orders[each] for each in broken if each in orders]
        others = elsewhere(self._register, of_these, brought)
        for event in events:
            order = orders.get(event.stream_id)
            try:
                if order is None:
                    raise unread[event.stream_id]
                found = order.conclusion(event.version)
                besides = others.get(order.id, ())
                acts += acts_on(event, found, order, self._now(), repeats, besides)
            except POISON as fault:
                parked.append(self._park(event, fault))
        return acts, parked

    def _park(self, event: OrderEvent, fault: Exception) -> ParkedEvent:
        return park(self._register, self._feed.name, event, fault, self._now())
