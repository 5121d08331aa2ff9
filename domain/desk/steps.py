"""What people do about an alert, as the closed list of steps that a screen, a program or a command states."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.desk.case import AlertCase
from domain.desk.events import Answered
from domain.desk.hands import Hand
from domain.desk.outcomes import OutcomeCode
from domain.facts.words import ShortText, Word
from domain.forces import find_force

Reason = Annotated[
    str, Field(max_length=2_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")
]
"""Why, without a protected person's name: it stays on record with the alert."""

Line = Annotated[
    ShortText, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$")
]
"""A reference or title on one line, not blank."""


def _force(name: str) -> str:
    """Its own name, however it is written: on nobody's board else would the offer stand."""
    force = find_force(name)
    if force is None:
        msg = "there is no force of that name"
        raise ValueError(msg)
    return force.name


Grade = Literal[1, 2, 3, 4]


class Step(BaseModel):
    """One thing done to one alert by one person. Each says its name as people type it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    NAME: ClassVar[str]

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        """Raises `Refused` when it is not lawful from here."""
        raise NotImplementedError


class Acknowledge(Step):
    """Take the alert: it is yours until its lease runs out without progress."""

    NAME = "acknowledge"

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.acknowledge(hand, now)


class SetPriority(Step):
    """Raise the priority; only a supervisor lowers one."""

    NAME = "grade"
    priority: Grade
    reason: Reason

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.grade(hand, now, priority=self.priority, reason=self.reason)


class SendUnit(Step):
    """A unit is sent, under the command and control number."""

    NAME = "task"
    unit: Line
    incident: Line

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.task(hand, now, unit=self.unit, incident=self.incident)


class Attend(Step):
    """The unit is there."""

    NAME = "attending"
    unit: Line

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.attend(hand, now, unit=self.unit)


class TellProtected(Step):
    """The protected person was told, or could not be reached."""

    NAME = "tell"
    how: Word
    reached: bool = True

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.tell(hand, now, how=self.how, reached=self.reached)


class Conclude(Step):
    """Say what came of it."""

    NAME = "outcome"
    outcome: OutcomeCode
    reference: Line | None = None
    reason: Reason | None = None

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.conclude(hand, now, self.outcome, reference=self.reference, reason=self.reason)


class Review(Step):
    """A supervisor looked at what was done."""

    NAME = "review"
    comment: Reason | None = None

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.review(hand, now, comment=self.comment)


class Close(Step):
    """Close it: every question answered, the protected person told or why not."""

    NAME = "close"
    answers: tuple[Answered, ...] = ()
    not_told_because: Reason | None = None

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.close(hand, now, self.answers, not_told_because=self.not_told_because)


class Reopen(Step):
    """Open it again."""

    NAME = "reopen"
    reason: Reason

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.reopen(hand, now, reason=self.reason)


class Offer(Step):
    """Ask another force to take it over; it stays yours until they accept."""

    NAME = "offer"
    to_force: Annotated[Line, AfterValidator(_force)]
    reason: Reason

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.offer(hand, now, to_force=self.to_force, reason=self.reason)


class Accept(Step):
    """Take it over from another force."""

    NAME = "accept"
    priority: Grade = 4

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.accept(hand, now, priority=self.priority)


class Reject(Step):
    """Do not take it over."""

    NAME = "reject"
    reason: Reason

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.reject(hand, now, reason=self.reason)


class Present(Step):
    """It was painted on a board. A board states this, not a person: it is no command."""

    NAME = "present"

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        case.present(hand, now)


STEPS: Mapping[str, type[Step]] = MappingProxyType(
    {
        step.NAME: step
        for step in (
            Acknowledge,
            SetPriority,
            SendUnit,
            Attend,
            TellProtected,
            Conclude,
            Review,
            Close,
            Reopen,
            Offer,
            Accept,
            Reject,
        )
    }
)
