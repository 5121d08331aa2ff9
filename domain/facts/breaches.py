"""Reports that the order was broken, and what became of them."""

from pydantic import AwareDatetime, Field

from domain.conditions import ConditionCode
from domain.facts import Fact
from domain.facts.words import ShortText, Word
from domain.personal import DefendantText, ProtectedText


class BreachReported(Fact):
    """Somebody reported an act against a term of the order (s.8)."""

    TOPIC = "spo.breach-reported.v1"
    occurred_at: AwareDatetime
    condition: ConditionCode
    source: Word | None = None
    initiated_by: Word | None = None
    place: ProtectedText | None = None
    measured_m: float | None = Field(default=None, ge=0, le=1_000_000)
    error_m: float | None = Field(default=None, ge=0, le=1_000_000)
    incident: ShortText | None = None
    defendant_aware: bool | None = None
    channel: Word | None = None
    narrative: ProtectedText | None = None
    markers: tuple[Word, ...] = ()


class BreachRetracted(Fact):
    """A report was entered in error; it stays on record and stops counting."""

    TOPIC = "spo.breach-retracted.v1"
    incident: ShortText | None = None
    reason: Word | None = None


class AppointmentMissed(Fact):
    """A required appointment was missed."""

    TOPIC = "spo.appointment-missed.v1"
    condition: ConditionCode
    reason_given: DefendantText | None = None


REPORTS: tuple[type[Fact], ...] = (BreachReported, AppointmentMissed)
"""What is reported of a person's conduct. Nobody who reports is turned away over how it is written."""


class Charged(Fact):
    """The person was charged with an offence under the Act."""

    TOPIC = "spo.charged.v1"
    offence: Word


class CourtOutcome(Fact):
    """A criminal court disposed of a charge."""

    TOPIC = "spo.court-outcome.v1"
    offence: Word
    disposal: Word


class OffenceCommitted(Fact):
    """The date of an offence, for the sentence it can carry."""

    TOPIC = "spo.offence-committed.v1"
    offence: Word | None = None


class ConvictedInMagistratesCourt(Fact):
    """Convicted in a magistrates' court, for the sentence it can give."""

    TOPIC = "spo.convicted-in-magistrates-court.v1"
    offence: Word | None = None
