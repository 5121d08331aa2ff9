"""Delivery: one alert to one receiver by one channel, under one id, until it is there or given up.

A message whose sender died in mid-send may have arrived: it is sent again under the same id, and never
called failed. Receipts may come twice and out of order; only news is recorded.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import AwareDatetime

from domain.alerts import Priority
from domain.events import Envelope, Event, RecordedEvent, Stream, done_at
from domain.facts.words import ShortText, Word

ANSWER_WITHIN = timedelta(seconds=12)
"""After so long without an answer nobody knows what became of an attempt."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
"""Between attempts: doubled each time, up to the longest."""

LONGEST_URGENT = timedelta(seconds=30)
"""The same for priority 1: one who can take it again shall have it soon."""

LATE_AFTER = timedelta(seconds=3)
"""An attempt that failed so long after it began is the last before a person is told."""

_BEFORE_A_PERSON = 2
"""Attempts that fail at once before a person is told: one may be a moment's trouble."""


class DeliveryState(StrEnum):
    """How far a message has come, in this order; `failed` is for good."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class DeliveryQueued(Event):
    """A receiver is to be told of an alert by a channel. Receiver and place are settings, by name."""

    TOPIC = "spo.delivery-queued.v1"
    alert_id: UUID
    what: Word
    channel: Word
    receiver: ShortText
    priority: int


class DeliveryAttempted(Event):
    """It is about to be sent: recorded before the first byte leaves."""

    TOPIC = "spo.delivery-attempted.v1"
    attempt: int


class DeliveryAnswered(Event):
    """What the other side said at once. `retry_at` is None when it needs no further attempt."""

    TOPIC = "spo.delivery-answered.v1"
    attempt: int
    state: DeliveryState
    said: ShortText = ""
    provider_id: ShortText | None = None
    retry_at: AwareDatetime | None = None


class DeliveryUnanswered(Event):
    """Nobody knows whether it arrived; it is sent again under the same id."""

    TOPIC = "spo.delivery-unanswered.v1"
    attempt: int
    due_at: AwareDatetime


class DeliveryNotTaken(Event):
    """It did not arrive in time, or never will this way: a person must tell them."""

    TOPIC = "spo.delivery-not-taken.v1"
    alert_id: UUID
    channel: Word
    receiver: ShortText
    priority: int
    state: DeliveryState
    said: ShortText


class DeliveryCalledOff(Event):
    """The alert was withdrawn before it was taken: nothing more is sent of it, or the arrest would stand last."""

    TOPIC = "spo.delivery-called-off.v1"
    withdrawal: UUID


class ReceiptReceived(Event):
    """The other side said later how far the message came."""

    TOPIC = "spo.delivery-receipt-received.v1"
    state: DeliveryState
    at: AwareDatetime
    said: ShortText = ""


_PROGRESS = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.READ)
_TO_BE_SENT = (DeliveryState.QUEUED, DeliveryState.UNKNOWN, DeliveryState.WAITING)


def delivery_id(alert: UUID, what: str, channel: str, receiver: str) -> UUID:
    """One id for ever, however often it is sent: the receiver's key against repeats."""
    return uuid5(alert, f"{what}:{channel}:{receiver}")


def pause_before(attempt: int, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """How long to wait before that attempt, the second being the first one to wait for."""
    doublings = min(max(attempt - 2, 0), 16)
    return min(FIRST_PAUSE * (1 << doublings), longest)


@dataclass(slots=True)
class Delivery(Stream):
    """One message on its way."""

    queued: DeliveryQueued | None = None
    state: DeliveryState = DeliveryState.QUEUED
    queued_at: datetime | None = None
    attempts: int = 0
    due_at: datetime | None = None
    provider_id: str | None = None
    attempted_at: datetime | None = None
    said: str = ""
    told_of_as: DeliveryState | None = None
    """In which state a person was told that it is not taken."""

    @property
    def next_change(self) -> datetime | None:
        """When it is to be sent next, or when an attempt counts as unanswered."""
        return self.due_at

    def queue(self, queued: DeliveryQueued, now: datetime) -> None:
        if self.version == 0:
            self._record(queued, _aside(now))

    def attempt(self, now: datetime) -> bool:
        """Whether it is to be sent now; then the attempt is on record before it begins."""
        self.advance(now)
        if self.state not in _TO_BE_SENT or self.due_at is None or self.due_at > now:
            return False
        self._record(DeliveryAttempted(attempt=self.attempts + 1), _aside(now))
        return True

    def advance(self, now: datetime) -> None:
        """An attempt that was never answered is one of which nobody knows."""
        if self.state is DeliveryState.SENDING and self.due_at is not None and self.due_at <= now:
            lost = DeliveryUnanswered(attempt=self.attempts, due_at=self.due_at)
            self._record(lost, _aside(now))

    def accepted(self, now: datetime, *, provider_id: str | None = None, said: str = "") -> None:
        self._answer(DeliveryState.ACCEPTED, now, said=said, provider_id=provider_id)

    def put_off(self, now: datetime, *, said: str, after: timedelta | None = None) -> None:
        """It did not work this time; `after` is what the other side asked for."""
        urgent = self.queued is not None and self.queued.priority == Priority.IMMEDIATE
        own = pause_before(self.attempts + 1, LONGEST_URGENT if urgent else LONGEST_PAUSE)
        pause = max(own, after or timedelta(0))
        self._answer(
            DeliveryState.WAITING, now, said=said, retry_at=now + min(pause, LONGEST_PAUSE)
        )

    def refused(self, now: datetime, *, said: str) -> None:
        """It will never work this way: the next channel must tell them."""
        self._answer(DeliveryState.FAILED, now, said=said)

    def call_off(self, withdrawal: UUID, now: datetime) -> bool:
        """Whether nothing more is sent of it; False while an attempt is under way."""
        self.advance(now)
        if self.state in _TO_BE_SENT:
            self._record(DeliveryCalledOff(withdrawal=withdrawal), _aside(now))
        return self.state is not DeliveryState.SENDING

    def tell_a_person(self, now: datetime) -> None:
        """Once when it is late, and once when it will never arrive; not of what may be a moment's trouble."""
        if self.queued is None or self.state is self.told_of_as or not self._is_trouble(now):
            return
        not_taken = DeliveryNotTaken(
            alert_id=self.queued.alert_id,
            channel=self.queued.channel,
            receiver=self.queued.receiver,
            priority=self.queued.priority,
            state=self.state,
            said=self.said,
        )
        self._record(not_taken, _aside(now))

    def _is_trouble(self, now: datetime) -> bool:
        began = self.attempted_at or now
        late = self.attempts >= _BEFORE_A_PERSON or now - began >= LATE_AFTER
        return self.state is DeliveryState.FAILED or (self.state is DeliveryState.WAITING and late)

    def receipt(self, state: DeliveryState, at: datetime, now: datetime, *, said: str = "") -> None:
        """Only what goes further than what is known; nothing once it has failed for good.

        That it failed counts while it is merely accepted: what was delivered was delivered.
        """
        if not self.attempts or self.state is DeliveryState.FAILED:
            return
        known = _PROGRESS.index(self.state) if self.state in _PROGRESS else -1
        further = state in _PROGRESS and _PROGRESS.index(state) > known
        lost = state is DeliveryState.FAILED and self.state is DeliveryState.ACCEPTED
        if further or lost:
            self._record(ReceiptReceived(state=state, at=at, said=said[:200]), _aside(now))

    def _answer(
        self,
        state: DeliveryState,
        now: datetime,
        *,
        said: str,
        provider_id: str | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """Of the attempt under way; an answer that comes after it was given up says nothing new."""
        if self.state is not DeliveryState.SENDING:
            return
        answered = DeliveryAnswered(
            attempt=self.attempts,
            state=state,
            said=said[:200],
            provider_id=provider_id,
            retry_at=retry_at,
        )
        self._record(answered, _aside(now))

    def apply(self, recorded: RecordedEvent) -> None:
        known_at = recorded.envelope.recorded_at
        match recorded.event:
            case DeliveryQueued() as queued:
                self.queued, self.queued_at, self.due_at = queued, known_at, known_at
            case DeliveryAttempted() as attempted:
                self.attempts, self.state = attempted.attempt, DeliveryState.SENDING
                self.attempted_at, self.due_at = known_at, known_at + ANSWER_WITHIN
            case DeliveryAnswered() as answered:
                self.state, self.due_at = answered.state, answered.retry_at
                self.said = answered.said
                self.provider_id = answered.provider_id or self.provider_id
            case DeliveryUnanswered() as unanswered:
                self.state, self.due_at = DeliveryState.UNKNOWN, unanswered.due_at
            case DeliveryCalledOff():
                self.state, self.due_at = DeliveryState.FAILED, None
            case DeliveryNotTaken() as not_taken:
                self.told_of_as = not_taken.state
            case ReceiptReceived() as receipt:
                self.state, self.due_at = receipt.state, None
                self.said = receipt.said or self.said
            case _:
                pass


def _aside(now: datetime) -> Envelope:
    return done_at(now, actor="delivery", role="deliver")
