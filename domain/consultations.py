"""Consultations: that somebody read a person's record, who, when and why, kept in the log.

Data Protection Act 2018 s.62(1)(c), (2): a log of consultation shows the justification for it, its
date and time, and as far as possible who consulted.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import Field

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import ShortText, Word


class Purpose(StrEnum):
    """Why a record is read; a closed list, so that a reviewer can compare."""

    RESPONDING = "responding"
    MANAGING = "managing"
    COURT_WORK = "court_work"
    INVESTIGATING = "investigating"
    SUPERVISING = "supervising"
    REVIEWING = "reviewing"
    NOT_STATED = "not_stated"


STATED = tuple(each for each in Purpose if each is not Purpose.NOT_STATED)
"""What somebody may say; that they said nothing is only ever put on record."""


class RecordConsulted(Event):
    """A person's record was released to whoever stands in the envelope."""

    TOPIC = "spo.record-consulted.v1"
    what: Word
    reference: ShortText
    order_id: UUID
    alert_id: UUID | None = None
    purpose: Purpose
    relation: Word | None = Field(default=None, json_schema_extra={"since": "0.2.0"})
    """How the reader stood to it; see the table of `domain.access`."""


class ConsultationsReviewed(Event):
    """Whoever reviews access looked at who had read what, whose readings and of which order if asked."""

    TOPIC = "spo.consultations-reviewed.v1"
    who: ShortText | None = None
    reference: ShortText | None = None
    shown: int


@dataclass(slots=True)
class Consultation(Stream):
    """One reading of one record, or of the readings. Each has a stream of its own: readers never wait for each other."""

    consulted: RecordConsulted | ConsultationsReviewed | None = None

    def record(
        self, consulted: RecordConsulted | ConsultationsReviewed, envelope: Envelope
    ) -> None:
        if self.consulted is None:
            self._record(consulted, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, RecordConsulted | ConsultationsReviewed):
            self.consulted = recorded.event


def consultation_stream(request: UUID) -> UUID:
    """The stream of the reading that was asked for under that id."""
    return uuid5(NAMESPACE, f"consultation:{request}")
