"""Lists: that one was read, or left the system as a file, what was asked for, why, and by whom.

Data Protection Act 2018 s.62(1)(c)-(d), (2)-(3): logs of consultation and of disclosure show the
justification, the date and time, and as far as possible who consulted or received it.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from domain.consultations import Purpose
from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import ShortText, Word


class ListConsulted(Event):
    """A list of orders, with nobody's name, was shown to whoever stands in the envelope (s.62(1)(c)).

    Of the sheet at `position` the same question gives the same list.
    """

    TOPIC = "spo.list-consulted.v1"
    what: Word
    asked: ShortText
    rows: int
    position: int
    purpose: Purpose


class ListDisclosed(Event):
    """A list without names was handed to whoever stands in the envelope, as a file (s.62(1)(d)).

    `digest` is the SHA-256 of the file. Of the sheet at `position` the same question gives the same
    file, so that what left can be found again.
    """

    TOPIC = "spo.list-disclosed.v1"
    what: Word
    asked: ShortText
    rows: int
    position: int
    digest: ShortText
    purpose: Purpose


Released = ListConsulted | ListDisclosed


@dataclass(slots=True)
class Release(Stream):
    """One list that was shown or left. Each has a stream of its own: nobody waits for anybody."""

    released: Released | None = None

    def record(self, released: Released, envelope: Envelope) -> None:
        if self.released is None:
            self._record(released, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, ListConsulted | ListDisclosed):
            self.released = recorded.event


def release_stream(request: UUID) -> UUID:
    """The stream of the list that was asked for under that id."""
    return uuid5(NAMESPACE, f"release:{request}")
