"""A receiver outside: whether it takes what it is sent. One that does not is put before a person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream, done_at
from domain.facts.words import ShortText


class ReceiverFailing(Event):
    """It has not taken several messages in a row; each is still repeated."""

    TOPIC = "spo.receiver-failing.v1"
    receiver: ShortText
    said: ShortText


class ReceiverWorking(Event):
    """It takes messages again."""

    TOPIC = "spo.receiver-working.v1"
    receiver: ShortText


class ReceiverGone(Event):
    """It said that it is gone for good: nothing is sent there until the role is started again."""

    TOPIC = "spo.receiver-gone.v1"
    receiver: ShortText
    said: ShortText


class ReceiverBegins(Event):
    """It is told of what the log holds after that position. First recorded when the receiver is set.

    Once more when a person has it sent from an earlier place, with the reason; who stands in the envelope.
    """

    TOPIC = "spo.receiver-begins.v1"
    receiver: ShortText
    after: int
    reason: ShortText = ""


def receiver_stream(name: str) -> UUID:
    return uuid5(NAMESPACE, f"receiver:{name}")


@dataclass(slots=True)
class ReceiverRecord(Stream):
    """What is on record of one receiver."""

    failing: bool = False
    gone: bool = False
    begins_after: int | None = None
    beginnings: int = 0

    def begin(self, name: str, after: int, now: datetime) -> None:
        """The first time alone."""
        if self.begins_after is None:
            self._record(ReceiverBegins(receiver=name, after=after), _aside(now))

    def begin_again(self, name: str, after: int, staff: str, reason: str, now: datetime) -> None:
        """From that place on, by that person: what it took already is not sent again."""
        again = ReceiverBegins(receiver=name, after=after, reason=reason)
        self._record(again, _aside(now, staff))

    def failed(self, name: str, said: str, now: datetime) -> None:
        if not self.failing and not self.gone:
            self._record(ReceiverFailing(receiver=name, said=said), _aside(now))

    def worked(self, name: str, now: datetime) -> None:
        if self.failing or self.gone:
            self._record(ReceiverWorking(receiver=name), _aside(now))

    def left(self, name: str, said: str, now: datetime) -> None:
        if not self.gone:
            self._record(ReceiverGone(receiver=name, said=said), _aside(now))

    def apply(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case ReceiverFailing():
                self.failing = True
            case ReceiverGone():
                self.gone = True
            case ReceiverWorking():
                self.failing = self.gone = False
            case ReceiverBegins():
                self.begins_after, self.beginnings = recorded.event.after, self.beginnings + 1
            case _:
                pass


def _aside(now: datetime, actor: str = "delivery") -> Envelope:
    return done_at(now, actor=actor, role="deliver")
