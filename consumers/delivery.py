"""Delivery: what happens to an alert is said once on the console channel, and what keeps alerts from people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from consumers.alert_words import raised_message, step_message
from consumers.channels.console import ConsoleFile, message_key
from consumers.feed import Feed
from consumers.line_watch import LineWatch
from consumers.notices import NOTICES, notice_message
from consumers.outward_messages import WHAT, message_of, never_held
from consumers.receiver_trouble import RECEIVER_TROUBLE, receiver_message
from domain.alerts import (
    AlertClass,
    AlertRaised,
    AlertWithdrawn,
    Priority,
)
from domain.batches import POISON
from domain.desk.events import EscalationStarted
from domain.desk.record import AlertOnRecord
from domain.desk.routing import HomeForce, HomeForceFound, home_force_stream
from domain.findings import WithdrawalReason
from domain.line_tests import LineTestRaised, readable_test
from domain.parked import EventParked, EventRedriven, as_given, park, read_parked
from domain.published import OrderEvent
from domain.register import OrderRegister
from domain.unread import MessageUnread, read_unread, unread_stream

BATCH = 500
READER = "console"
UNREADABLE_RECORD = "UNREADABLE_RECORD"
"""Not an alert's code: nobody can know what the record would have asked for."""

UNREADABLE_MESSAGE = "UNREADABLE_MESSAGE"
_UNREAD = (
    "A message came in that cannot be read; it may have been meant to report a breach. Ask its "
    "sender what it was, and enter that by hand."
)
_UNREADABLE = (
    "A record of this order cannot be read. Find the order in the export by its stream id; act on "
    "the paper record; call the on-call team."
)


@dataclass(frozen=True, slots=True)
class Board:
    """What one console is for: whose alerts it says, and how it watches the line."""

    line: LineWatch
    concerns: Callable[[Sequence[str]], bool] = lambda _: True
    """Whether what concerns these forces is said here; what concerns none is said everywhere."""


class ConsoleDelivery:
    """Says an alert, then moves its bookmark. A crash between the two says nothing twice.

    An alert that cannot be read is parked, and the others are said. What was parked, by whatever
    reader, is said like an alert: somebody must look.
    """

    def __init__(
        self,
        feed: Feed,
        register: OrderRegister,
        console: ConsoleFile,
        show: Callable[[dict[str, Any]], None],
        now: Callable[[], datetime],
        board: Board,
    ) -> None:
        self._feed = feed
        self._register = register
        self._console = console
        self._show = show
        self._now = now
        self._line = board.line
        self._concerns = board.concerns

    def work(self, wait: float) -> int:
        """Handle what the feed holds, waiting for it at most `wait` seconds; how many events."""
        self._say_of_the_line()
        events = self._feed.read(limit=BATCH, wait=wait)
        for event in events:
            if event.topic == EventRedriven.TOPIC:
                self._redriven(event)
            elif event.topic in _SAID:
                self._deliver(event)
        self._hear([event for event in events if event.topic == LineTestRaised.TOPIC])
        if events:
            self._feed.commit(events[-1])
        return len(events)

    def _say_of_the_line(self) -> None:
        """Before the feed is asked: it may be what is broken."""
        news = self._line.news()
        if news is not None and self._console.say(f"line:{news['said_at']}", news):
            self._show(news)

    def _hear(self, tests: Sequence[OrderEvent]) -> None:
        """Show the newest line test; of those that came meanwhile nobody needs to know."""
        for event in tests[-1:]:
            test = readable_test(self._register, event.stream_id)
            shown = None if test is None else self._line.heard(test)
            if shown is not None:
                self._show(shown)

    def _deliver(self, event: OrderEvent) -> None:
        try:
            said = self._message(event)
        except POISON as fault:
            self._park(event, fault)
            return
        if said is None:
            return
        again = f":{event.version}" if _may_come_again(event) else ""
        about = UUID(said["alert"]) if "alert" in said else event.stream_id
        key = message_key(about, f"{said['what']}{again}")
        if self._console.say(key, said):
            self._show(said)

    def _redriven(self, event: OrderEvent) -> None:
        """Say what this reader went on without, now that it can be read."""
        try:
            given = as_given(self._register, READER, event)
        except POISON as fault:
            self._park(event, fault)
            return
        if given is not event:
            self._deliver(given)

    def _park(self, event: OrderEvent, fault: Exception) -> None:
        self._register.keep([park(self._register, READER, event, fault, self._now())])

    def _message(self, event: OrderEvent) -> dict[str, Any] | None:
        """What to say of the event; None when there is nothing to say any more, or not here."""
        if event.topic not in OF_AN_ALERT:
            return self._of_the_works(event)
        if event.topic in _STEPS:
            return self._step(event)
        begins = event.topic == EscalationStarted.TOPIC
        if begins and (never_held(event) or self._is_said(event.stream_id)):
            return None
        home = self._home(event)
        alert = self._alert(event.stream_id if home is None else home.alert_id)
        if alert.raised is None:
            msg = f"alert {alert.id} has events but was never raised"
            raise LookupError(msg)
        if _is_held(alert) or (begins and (not _was_held(alert) or alert.withdrawn is not None)):
            return None
        return self._of_the_alert(event, alert.raised, alert, home)

    def _of_the_alert(
        self,
        event: OrderEvent,
        raised: AlertRaised,
        alert: AlertOnRecord,
        home: HomeForceFound | None,
    ) -> dict[str, Any] | None:
        forces = (*raised.forces, alert.force, *(() if home is None else (home.force,)))
        over = _came_and_went(alert) or (home is not None and alert.withdrawn is not None)
        if not self._is_said(alert.id) and (over or not self._concerns(forces)):
            return None
        message = raised_message(raised) | {"alert": str(alert.id), "priority": alert.priority}
        if home is not None:
            message["must_know"] += [home.force]
        if event.topic == AlertWithdrawn.TOPIC and alert.withdrawn is not None:
            message |= {"what": "withdrawn", "reason": str(alert.withdrawn.reason)}
        return message

    def _alert(self, identity: UUID) -> AlertOnRecord:
        return self._register.read(AlertOnRecord(identity))

    def _is_said(self, alert: UUID) -> bool:
        """Whether this console has said that it was raised."""
        return self._console.has(message_key(alert, "raised"))

    def _step(self, event: OrderEvent) -> dict[str, Any] | None:
        """What was done about it since, or nobody did; not of an alert that is over by now."""
        told = message_of(event, self._register, exercise=False)
        alert = self._alert(event.stream_id)
        if told is None or not alert.open:
            return None
        forces = (*told.raised.forces, told.held_by, told.with_force)
        known = [each for each in forces if each]
        here = self._is_said(alert.id) or self._concerns(known)
        return step_message(told) if here else None

    def _home(self, event: OrderEvent) -> HomeForceFound | None:
        """The force where the person lives, when that is the news, or became so while it was held."""
        if event.topic == HomeForceFound.TOPIC:
            return self._register.read(HomeForce(event.stream_id)).found
        if event.topic == EscalationStarted.TOPIC:
            return self._register.read(HomeForce(home_force_stream(event.stream_id))).found
        return None

    def _of_the_works(self, event: OrderEvent) -> dict[str, Any] | None:
        """What is no alert, and keeps alerts from people if nobody looks at it."""
        if event.topic == EventParked.TOPIC:
            return parked_message(read_parked(self._register, event.stream_id))
        if event.topic == MessageUnread.TOPIC:
            return unread_message(read_unread(self._register, event.stream_id))
        if event.topic in RECEIVER_TROUBLE:
            return receiver_message(event, self._register)
        return notice_message(event, self._register, self._concerns)


_STEPS = frozenset(WHAT) - {AlertRaised.TOPIC, AlertWithdrawn.TOPIC, EscalationStarted.TOPIC}
OF_AN_ALERT = frozenset(WHAT) | {HomeForceFound.TOPIC}
_SAID = frozenset(
    OF_AN_ALERT | {EventParked.TOPIC, MessageUnread.TOPIC} | RECEIVER_TROUBLE | NOTICES
)


def _may_come_again(event: OrderEvent) -> bool:
    """A receiver in trouble once more, or a record that is unreadable again after it was mended."""
    return event.topic in RECEIVER_TROUBLE | NOTICES | _STEPS or (
        event.topic == EventParked.TOPIC and event.version > 1
    )


def _was_held(alert: AlertOnRecord) -> bool:
    """Raised while a decision on record held it back."""
    return alert.holding.by is not None


def _is_held(alert: AlertOnRecord) -> bool:
    """Nobody is told of it yet: they are when its escalation begins, which is on record then."""
    return _was_held(alert) and alert.escalation.policy is None


def _came_and_went(alert: AlertOnRecord) -> bool:
    """A concern that was over before anyone could be told; arrests and reviews are always told."""
    return alert.withdrawn is not None and alert.withdrawn.reason is WithdrawalReason.OVER


def parked_message(parked: EventParked) -> dict[str, Any]:
    return {
        "what": "parked",
        "code": UNREADABLE_RECORD,
        "class": str(AlertClass.REVIEW),
        "priority": int(Priority.IMMEDIATE),
        "stream": str(parked.stream_id),
        "version": parked.version,
        "topic": parked.topic,
        "reader": parked.reader,
        "fault": parked.fault,
        "instruction": _UNREADABLE,
    }


def unread_message(unread: MessageUnread) -> dict[str, Any]:
    return {
        "what": "unread",
        "code": UNREADABLE_MESSAGE,
        "class": str(AlertClass.REVIEW),
        "priority": int(Priority.IMMEDIATE),
        "stream": str(unread_stream(unread)),
        "topic": unread.topic,
        "partition": unread.partition,
        "offset": unread.offset,
        "reader": unread.reader,
        "reason": unread.reason,
        "instruction": _UNREAD,
    }
