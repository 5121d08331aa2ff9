"""Commands and their answers: asking twice under one key gives the first answer."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import ShortText


class CommandAnswered(Event):
    """A command was decided; this is the answer, kept in the transaction that carried it out."""

    TOPIC = "spo.command-answered.v1"
    order_id: UUID
    version: int
    event_ids: tuple[UUID, ...] = ()
    refused_as: ShortText | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to: the order's version after it, its events, or why it was refused."""

    order_id: UUID
    version: int
    event_ids: tuple[UUID, ...] = ()
    refused_as: str | None = None
    repeated: bool = False
    position: int | None = None
    """Where its last event stands in the log; None when it was answered before, or not saved."""


def command_stream(command_id: str) -> UUID:
    return uuid5(NAMESPACE, f"command:{command_id}")


@dataclass(slots=True)
class Marker(Stream):
    """The one-event stream that makes a command id usable once."""

    answered: CommandAnswered | None = field(default=None)

    def answer(self, answer: Answer, envelope: Envelope) -> None:
        self._record(
            CommandAnswered(
                order_id=answer.order_id,
                version=answer.version,
                event_ids=answer.event_ids,
                refused_as=answer.refused_as,
            ),
            envelope,
        )

    def apply(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, CommandAnswered):
            self.answered = recorded.event

    def first_answer(self) -> Answer | None:
        given = self.answered
        if given is None:
            return None
        return Answer(
            given.order_id, given.version, given.event_ids, given.refused_as, repeated=True
        )
