"""A lane: the messages of one receiver on their way, each under one id until it is there.

A receiver has two lanes, one for priority 1 alone, so that nothing ever stands before it. Which messages
are on their way is worked out from the log: the bookmark stays before the first that is not finished.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from itertools import chain
from typing import cast

from eventsourcing.persistence import IntegrityError, ProcessRecorder, Tracking

from consumers.channels.message import Message, Never, NotNow, Recipient, Reply, Taken
from consumers.circuit_breaker import Breaker
from consumers.lane_start import beginning, bookmark_of, lane_name, place
from consumers.line_messages import sent
from consumers.line_receipts import receive
from consumers.outward_messages import WHAT, message_of
from consumers.outward_receiver import Receiver, Waiting, waiting_for
from consumers.senders import Senders, answer
from consumers.sending_guard import SendingGuard
from consumers.withdrawals import later_turn
from domain.alerts import Priority
from domain.batches import POISON
from domain.desk.deliveries import Delivery, DeliveryQueued, delivery_id
from domain.desk.receivers import ReceiverBegins, ReceiverRecord, receiver_stream
from domain.events import Stream
from domain.line_tests import LineTest, LineTestRaised
from domain.parked import EventRedriven, as_given, park
from domain.published import EventReader, OrderEvent
from domain.register import OrderRegister

READ = 200
_READER = "outward"
"""Every lane parks under one name: what one cannot read none can."""
GONE = "HTTP 410"
_LOOK_AGAIN = 0.05
"""Seconds between two looks at whether an attempt under way has ended."""
_TURNS_FOR_WHAT_HANGS = 6


class Lane:
    """Sends in the order things fall due. Safe to run twice: an attempt is on record before it begins."""

    def __init__(
        self,
        receiver: Receiver,
        register: OrderRegister,
        reader: EventReader,
        now: Callable[[], datetime],
        guard: SendingGuard,
        *,
        urgent: bool,
    ) -> None:
        """`urgent` is the lane of priority 1."""
        self._receiver = receiver
        self._register = register
        self._reader = reader
        self._now = now
        self._guard = guard
        self._urgent = urgent
        self.name = lane_name(receiver.name, urgent=urgent)
        self._bookmarks = cast("ProcessRecorder", register.recorder)
        record = beginning(register, receiver.name, now())
        self._begin(record)
        self._breaker = Breaker(is_open=record.failing)
        self._gone = False
        self._line_test: OrderEvent | None = None
        self._senders: Senders[tuple[Waiting, Delivery]] = Senders(self.name)

    def _begin(self, record: ReceiverRecord) -> None:
        """Go on from the bookmark of this beginning."""
        self._beginnings = record.beginnings
        self._bookmark = self._read_upto = place(self._register, self.name, record)
        self._waiting: list[Waiting] = []

    def work(self, wait: float) -> int:
        """Read on, at most `wait` seconds, and send what is due; how many attempts were begun.

        What hangs goes on beside what comes, and is answered for at a later call.
        """
        attempts = self._turn(wait)
        for _ in range(_TURNS_FOR_WHAT_HANGS):
            if self._senders.busy:
                attempts += self._turn(_LOOK_AGAIN)
        return attempts

    def close(self) -> None:
        """What is under way is answered for, so that it is not sent again."""
        self._senders.close()
        self._settle()

    def _turn(self, wait: float) -> int:
        held = not self._guard.may_send()
        self._read(wait if held else min(wait, self._until_due()))
        self._settle()
        attempts = 0 if held else self._begin_what_is_due()
        if not held:
            self._pass_line_test_on()
        self._move_bookmark()
        return attempts

    def _begin_what_is_due(self) -> int:
        attempts, aside = 0, list[Waiting]()
        try:
            while self._is_due and not self._gone:
                waiting = heapq.heappop(self._waiting)
                room = self._senders.has_room(waiting.message.alert, repeat=waiting.tried)
                with self._not_forgotten(waiting):
                    later = later_turn(waiting, self._register, self._now()) if room else waiting
                if later is not None:
                    aside.append(later)
                    continue
                attempts += self._attempt(waiting)
                self._settle()
                if waiting.tried:
                    self._read(0)
        finally:  # also where the database fails: the bookmark would pass them by
            for waiting in aside:
                heapq.heappush(self._waiting, waiting)
        return attempts

    def _pass_line_test_on(self) -> None:
        """The newest one, once nothing real is due. It has no ledger: the next comes soon enough."""
        event, self._line_test = self._line_test, None
        if event is None or self._gone or not self._breaker.lets_through(self._now()):
            return
        test = self._register.read(LineTest(event.stream_id))
        if sent(test, event, self._receiver.channel, self._receiver.recipients):
            receive(self._bookmarks, self.name, event.position)

    @property
    def _is_due(self) -> bool:
        now = self._now()
        due = bool(self._waiting) and self._waiting[0].due_at <= now
        one_at_a_time = self._breaker.is_open and self._senders.busy
        return due and self._breaker.lets_through(now) and not one_at_a_time

    def _until_due(self) -> float:
        if self._senders.busy:
            return _LOOK_AGAIN
        if not self._waiting or self._gone:
            return float("inf")
        now = self._now()
        due = max(0.0, (self._waiting[0].due_at - now).total_seconds())
        return max(due, self._breaker.seconds_left(now))

    def _read(self, wait: float) -> None:
        events = self._reader.read(self._read_upto, limit=READ, wait=wait)
        for event in events:
            if event.topic in WHAT or event.topic == EventRedriven.TOPIC:
                self._take_in(event)
            elif event.topic == LineTestRaised.TOPIC:
                self._line_test = event
            elif event.topic == ReceiverBegins.TOPIC and self._begins_again(event):
                return
        if events:
            self._read_upto = events[-1].position

    def _begins_again(self, event: OrderEvent) -> bool:
        """Whether a person has this receiver sent from an earlier place, since this lane began."""
        record = self._record()
        again = event.stream_id == record.id and record.beginnings > self._beginnings
        if again:
            self._begin(record)
        return again

    def _take_in(self, event: OrderEvent) -> None:
        """Queue what this receiver is to be told of, once; what cannot be read is parked."""
        try:
            event = as_given(self._register, _READER, event)
            if event.topic not in WHAT:
                return
            message = message_of(event, self._register, exercise=self._receiver.exercise)
        except POISON as fault:
            self._keep([park(self._register, _READER, event, fault, self._now())])
            return
        if message is None:
            return
        ours = (message.priority == Priority.IMMEDIATE) is self._urgent
        if not ours or not self._receiver.wants(message):
            return
        for to in self._receiver.recipients.of(message):
            self._queue(event, message, to)

    def _queue(self, event: OrderEvent, message: Message, to: Recipient) -> None:
        channel = self._receiver.channel.name
        identity = delivery_id(message.alert, str(message.id), channel, to.name)
        delivery = self._register.read(Delivery(identity))
        queued = DeliveryQueued(
            alert_id=message.alert,
            what=message.what,
            channel=channel,
            receiver=to.name,
            priority=message.priority,
        )
        delivery.queue(queued, self._now())
        self._keep([delivery])
        self._wait_for(delivery, event, message, to)

    def _wait_for(
        self, delivery: Delivery, event: OrderEvent, message: Message, to: Recipient
    ) -> None:
        waiting = waiting_for(delivery, event, message, to)
        if waiting is not None:
            heapq.heappush(self._waiting, waiting)

    def _attempt(self, waiting: Waiting) -> bool:
        """Send it, unless another process does; either way it waits for its next turn."""
        with self._not_forgotten(waiting):
            try:
                delivery = self._register.read(Delivery(waiting.delivery))
            except POISON as fault:  # put before a person; it keeps nothing else waiting
                self._keep([park(self._register, _READER, waiting.event, fault, self._now())])
                return False
            begun = delivery.attempt(self._now())
            if begun and self._keep([delivery]):
                self._guard.attempted(self.name, delivery)
                send = partial(self._receiver.channel.send, waiting.message, waiting.to)
                alert, repeat = waiting.message.alert, waiting.tried
                self._senders.send(send, (waiting, delivery), alert, repeat=repeat)
            else:
                delivery = self._register.read(Delivery(waiting.delivery))
                self._wait_for(delivery, waiting.event, waiting.message, waiting.to)
        return begun

    def _settle(self) -> None:
        """Put on record what came of the attempts that have ended."""
        for (waiting, delivery), reply_of in self._senders.answered():
            with self._not_forgotten(waiting):
                reply = reply_of()
                self._answer(delivery, reply)
                self._learn(reply, delivery.attempted_at, first=not waiting.tried)
                self._wait_for(delivery, waiting.event, waiting.message, waiting.to)

    @contextmanager
    def _not_forgotten(self, waiting: Waiting) -> Iterator[None]:
        """Where the database fails in between it waits as before: the bookmark would pass it by."""
        try:
            yield
        except BaseException:
            heapq.heappush(self._waiting, waiting)
            raise

    def _answer(self, delivery: Delivery, reply: Reply) -> None:
        """A receipt may have come meanwhile: the answer is set beside what is known by then."""
        for _ in range(3):
            now = self._now()
            answer(delivery, reply, now)
            if not self._breaker.is_open:  # then a person was told of the receiver
                delivery.tell_a_person(now)
            if self._keep([delivery]):
                break
            delivery = self._register.read(Delivery(delivery.id))

    def _learn(self, reply: Reply, begun: datetime | None, *, first: bool) -> None:
        """What the reply says of the receiver; put before a person when it takes nothing."""
        record, name, now = self._record(), self._receiver.name, self._now()
        if isinstance(reply, NotNow):
            asked = reply.after if reply.of_all else None
            self._breaker.failed(now, begun=begun or now, first=first, asked=asked)
            if self._breaker.is_open:
                record.failed(name, reply.said, now)
        else:
            self._breaker.took(now)
        if isinstance(reply, Never) and reply.said == GONE:
            record.left(name, reply.said, now)
            self._gone = True
        elif isinstance(reply, Taken):
            record.worked(name, now)
        self._keep([record])

    def _record(self) -> ReceiverRecord:
        return self._register.read(ReceiverRecord(receiver_stream(self._receiver.name)))

    def _move_bookmark(self) -> None:
        under_way = (waiting.position for waiting, _ in self._senders.carries())
        positions = chain((each.position for each in self._waiting), under_way)
        first = min(positions, default=self._read_upto + 1)
        if first - 1 > self._bookmark:
            self._bookmark = first - 1
            with suppress(IntegrityError):  # the other process's lane is further on
                name = bookmark_of(self.name, self._beginnings)
                self._bookmarks.insert_tracking(Tracking(name, self._bookmark))

    def _keep(self, streams: Iterable[Stream]) -> bool:
        """Whether it was saved; False when another process was first."""
        try:
            self._register.keep(streams)
        except IntegrityError:
            return False
        return True
