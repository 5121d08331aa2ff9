"""A receiver outside: whether it takes what it is sent. One that does not is put before a person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
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


def receiver_stream(name: str) -> UUID:
    return uuid5(NAMESPACE, f"receiver:{name}")


@dataclass(slots=True)
class ReceiverRecord(Stream):
    """What is on record of one receiver."""

    failing: bool = False
    gone: bool = False

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
            case _:
                pass


def _aside(now: datetime) -> Envelope:
    return Envelope(
        occurred_at=now, recorded_at=now, entered_at=now, actor="delivery", role="deliver"
    )
