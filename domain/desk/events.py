"""What is put on record about an alert after it was raised. Who did it stands in the envelope."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.desk.hands import DeskRole
from domain.desk.outcomes import OutcomeCode, Question
from domain.desk.policies import EscalationPolicy
from domain.events import Event
from domain.facts.words import ShortText, StaffNumber, Word
from domain.personal import DefendantText


class DeskEvent(Event):
    """A step in the handling of one alert."""


class AlertPresented(DeskEvent):
    """The alert was painted on a board for the first time."""

    TOPIC = "spo.alert-presented.v1"


class AlertHeld(DeskEvent):
    """By a decision on record nobody is told of it before then; it stands on the board as held.

    Said again with an earlier instant when the decision is ended.
    """

    TOPIC = "spo.alert-held.v1"
    suppression: UUID
    until: AwareDatetime


class AlertAcknowledged(DeskEvent):
    """Somebody took the alert. It is theirs until the lease runs out without progress."""

    TOPIC = "spo.alert-acknowledged.v1"
    staff: StaffNumber
    duty: DeskRole
    lease_until: AwareDatetime


class AlertSeconded(DeskEvent):
    """Another role that must know has answered too; whoever owned the alert still does."""

    TOPIC = "spo.alert-seconded.v1"
    staff: StaffNumber
    duty: DeskRole


class LeaseRanOut(DeskEvent):
    """The owner made no progress in time: the alert is nobody's, and the escalation goes on."""

    TOPIC = "spo.alert-lease-ran-out.v1"
    staff: StaffNumber
    due_at: AwareDatetime


class AlertResounded(DeskEvent):
    """The person broke an order again: the alert sounds anew and whoever had it must take it again.

    `priority` is that of the new breach: from here on it is the least this alert has.
    """

    TOPIC = "spo.alert-resounded.v1"
    because_of: UUID
    priority: int | None = Field(default=None, ge=1, le=4)


class AlertGraded(DeskEvent):
    """Its priority was set by a person. Only a supervisor lowers one."""

    TOPIC = "spo.alert-graded.v1"
    priority: int = Field(ge=1, le=4)
    reason: DefendantText


class AlertTasked(DeskEvent):
    """A unit was sent, under the incident number of the command and control system."""

    TOPIC = "spo.alert-tasked.v1"
    unit: ShortText
    incident: ShortText
    lease_until: AwareDatetime


class UnitAttending(DeskEvent):
    """The unit is there."""

    TOPIC = "spo.alert-unit-attending.v1"
    unit: ShortText
    lease_until: AwareDatetime


class OutcomeRecorded(DeskEvent):
    """What came of it, from the closed list of that version."""

    TOPIC = "spo.alert-outcome-recorded.v1"
    outcome: OutcomeCode
    list_version: int
    reference: ShortText | None = None
    reason: DefendantText | None = None
    lease_until: AwareDatetime


class AlertReviewed(DeskEvent):
    """A supervisor looked at what was done."""

    TOPIC = "spo.alert-reviewed.v1"
    comment: DefendantText | None = None


class Answered(BaseModel):
    """One question of the close form."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    question: Question
    yes: bool
    reference: ShortText | None = None


class AlertClosed(DeskEvent):
    """Everything asked was answered. `not_told_because`: why the protected person was not told."""

    TOPIC = "spo.alert-closed.v1"
    answers: tuple[Answered, ...] = ()
    not_told_because: DefendantText | None = None


class AlertReopened(DeskEvent):
    """Closed too early, or something new is known."""

    TOPIC = "spo.alert-reopened.v1"
    reason: DefendantText


class EscalationStarted(DeskEvent):
    """From here on people are told, one step after the other. The policy as it stands now is kept.

    Once more whenever the priority changes: another policy is for that.
    """

    TOPIC = "spo.alert-escalation-started.v1"
    policy: EscalationPolicy
    started_at: AwareDatetime


class EscalationStepFired(DeskEvent):
    """Nobody answered in time: the next is told."""

    TOPIC = "spo.alert-escalation-step-fired.v1"
    step: int
    tells: DeskRole
    due_at: AwareDatetime


class ProtectedPersonTried(DeskEvent):
    """Somebody tried to reach the protected person, and did not."""

    TOPIC = "spo.protected-person-tried.v1"
    how: Word


class ProtectedPersonTold(DeskEvent):
    """The protected person knows."""

    TOPIC = "spo.protected-person-told.v1"
    how: Word
    told_at: AwareDatetime


class TellingOverdue(DeskEvent):
    """The protected person was not told in time: a supervisor must see to it."""

    TOPIC = "spo.protected-person-telling-overdue.v1"
    due_at: AwareDatetime


class TransferOffered(DeskEvent):
    """Another force is asked to take the alert over. It stays ours until they accept."""

    TOPIC = "spo.alert-transfer-offered.v1"
    to_force: ShortText
    priority: int = Field(ge=1, le=4)
    reason: DefendantText
    answer_by: AwareDatetime


class TransferAccepted(DeskEvent):
    """They have it, at the higher of the two priorities."""

    TOPIC = "spo.alert-transfer-accepted.v1"
    staff: StaffNumber
    duty: DeskRole
    force: ShortText
    priority: int = Field(ge=1, le=4)
    lease_until: AwareDatetime


class TransferRejected(DeskEvent):
    """They do not take it; it stays where it was."""

    TOPIC = "spo.alert-transfer-rejected.v1"
    reason: DefendantText


class TransferTimedOut(DeskEvent):
    """They did not answer in time; it stays where it was."""

    TOPIC = "spo.alert-transfer-timed-out.v1"
    due_at: AwareDatetime


class AlertHandedOver(DeskEvent):
    """The next shift took it by name."""

    TOPIC = "spo.alert-handed-over.v1"
    staff: StaffNumber
    duty: DeskRole
    lease_until: AwareDatetime
