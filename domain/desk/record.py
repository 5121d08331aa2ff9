"""The alert as it stands on record: how far it has come, who has it, and what is due next."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.alerts import ALERT_CLASS, AlertClass, AlertRaised, AlertWithdrawn, Priority
from domain.desk import events as said
from domain.desk.escalation import Escalation
from domain.desk.holding import Holding
from domain.desk.outcomes import TELL_THE_PROTECTED_PERSON
from domain.desk.ownership import Ownership
from domain.desk.policies import STANDARD, EscalationPolicy, Policies
from domain.desk.telling import Telling
from domain.desk.transfers import Transfer
from domain.events import Envelope, Event, RecordedEvent, Stream


class Stage(StrEnum):
    """How far an alert has come; what people see."""

    RAISED = "raised"
    PRESENTED = "presented"
    ACKNOWLEDGED = "acknowledged"
    TASKED = "tasked"
    ATTENDING = "attending"
    OUTCOME = "outcome"
    REVIEWED = "reviewed"
    CLOSED = "closed"


_STAGE_AFTER: dict[type[Event], Stage] = {
    said.AlertPresented: Stage.PRESENTED,
    said.AlertAcknowledged: Stage.ACKNOWLEDGED,
    said.AlertHandedOver: Stage.ACKNOWLEDGED,
    said.AlertTasked: Stage.TASKED,
    said.UnitAttending: Stage.ATTENDING,
    said.OutcomeRecorded: Stage.OUTCOME,
    said.AlertReviewed: Stage.REVIEWED,
    said.AlertClosed: Stage.CLOSED,
}
_ORDER = list(Stage)


@dataclass(slots=True)
class AlertOnRecord(Stream):
    """Everything the alert's own stream says. Holds no rule."""

    raised: AlertRaised | None = None
    withdrawn: AlertWithdrawn | None = None
    subject_id: UUID | None = None
    correlation_id: UUID | None = None
    """What the alert came of, and with it everything that is done about it."""
    stage: Stage = Stage.RAISED
    taken: bool = False
    """Whether anybody ever had it: then somebody must stand down what was begun."""
    presented_at: datetime | None = None
    priority: int = 0
    priority_since: datetime | None = None
    graded_by: RecordedEvent | None = None
    """What made its priority another than it was raised with; None while it is that."""
    escalates_as: int = 0
    """The priority whose policy the escalation goes by; 0 until it has begun."""
    force: str = ""
    outcome: said.OutcomeRecorded | None = None
    resounded: set[UUID] = field(default_factory=set)
    ownership: Ownership = field(default_factory=Ownership)
    escalation: Escalation = field(default_factory=Escalation)
    telling: Telling = field(default_factory=Telling)
    transfer: Transfer = field(default_factory=Transfer)
    holding: Holding = field(default_factory=Holding)
    policies: Policies = field(default_factory=lambda: STANDARD, compare=False, repr=False)
    """By priority; what holds from the moment the escalation begins is kept in the alert."""

    @property
    def open(self) -> bool:
        """Somebody must look at it. One that was withdrawn before anybody took it is over."""
        over = self.stage is Stage.CLOSED or (self.withdrawn is not None and not self.taken)
        return self.raised is not None and not over

    def is_for(self, force: str) -> bool:
        """Whether it is that force's; what is of no force is every force's until one takes it."""
        return self.force in ("", force)

    @property
    def reference(self) -> str:
        """The order it is about."""
        return "" if self.raised is None else self.raised.reference

    @property
    def alert_class(self) -> AlertClass:
        return AlertClass.NOTICE if self.raised is None else ALERT_CLASS[self.raised.code]

    @property
    def next_change(self) -> datetime | None:
        """When time alone will next change something."""
        return min((due for due, _ in self.pending()), default=None)

    def _record(self, event: Event, envelope: Envelope) -> RecordedEvent:
        told = replace(envelope, correlation_id=self.correlation_id)
        return Stream._record(self, event, told)  # noqa: SLF001 - no `super` where there are slots

    def apply(self, recorded: RecordedEvent) -> None:
        event, known_at = recorded.event, recorded.envelope.recorded_at
        priority = self.priority
        self.ownership.apply(event)
        self.escalation.apply(event, known_at)
        self.telling.apply(event)
        self.transfer.apply(event)
        self._reached(event)
        if isinstance(event, AlertRaised):
            self.correlation_id = recorded.correlation_id
            self._begun(event, recorded.envelope.subject_id)
        elif isinstance(event, AlertWithdrawn):
            self.withdrawn = event
        else:
            self._handled(event, recorded.envelope)
        if self.priority != priority:
            self.priority_since = known_at
            self.graded_by = None if isinstance(event, AlertRaised) else recorded
        self.holding.apply(event, self.priority, known_at)

    def _handled(self, event: Event, envelope: Envelope) -> None:
        match event:
            case said.AlertPresented():
                self.presented_at = envelope.recorded_at
            case said.AlertAcknowledged() | said.AlertHandedOver():
                self.taken, self.force = True, self.force or envelope.force
            case said.OutcomeRecorded():
                self.outcome = event
            case said.AlertReopened():
                self.stage, self.outcome, self.taken = Stage.PRESENTED, None, True
            case said.EscalationStarted():
                self._escalating(event)
            case _:
                self._prioritised(event)

    def _prioritised(self, event: Event) -> None:
        match event:
            case said.AlertGraded():
                self.priority = event.priority
            case said.TransferAccepted():
                self.priority, self.force = event.priority, event.force
            case said.AlertResounded():
                self.resounded.add(event.because_of)
                self.priority = event.priority or self.priority
            case _:
                pass

    def _escalating(self, started: said.EscalationStarted) -> None:
        """Paperwork keeps the time it was given; whoever has the alert in hand has no more than that."""
        self.escalates_as = self.priority
        if self.outcome is None:
            self.ownership.lasts_no_longer_than(started)

    def _begun(self, raised: AlertRaised, subject_id: UUID | None) -> None:
        self.raised, self.subject_id = raised, subject_id
        self.priority, self.force = raised.priority, raised.answers or raised.force
        self.telling.owed = ALERT_CLASS[raised.code] in TELL_THE_PROTECTED_PERSON

    def _reached(self, event: Event) -> None:
        """A stage once reached is not left for an earlier one, but by reopening."""
        stage = _STAGE_AFTER.get(type(event))
        if stage is not None and _ORDER.index(stage) > _ORDER.index(self.stage):
            self.stage = stage

    @property
    def _policy_now(self) -> EscalationPolicy:
        """Whatever it says, of priority 1 people are told until somebody has it."""
        policy = self.policies[self.priority]
        urgent = self.priority == Priority.IMMEDIATE
        return policy.model_copy(update={"repeats": None}) if urgent else policy

    def _escalation_begins(self, raised: AlertRaised) -> datetime:
        if self.escalation.policy is not None and self.priority_since is not None:
            return self.priority_since
        return self.holding.until or raised.raised_at

    def pending(self) -> Iterator[tuple[datetime, Event]]:
        """Every instant that is pending, with what is recorded when it comes."""
        if not self.open or self.raised is None:
            return
        if self.escalates_as != self.priority:
            begins = self._escalation_begins(self.raised)
            yield begins, said.EscalationStarted(policy=self._policy_now, started_at=begins)
        if self.transfer.offer is not None:
            by = self.transfer.offer.answer_by
            yield by, said.TransferTimedOut(due_at=by)
        owner, until = self.ownership.staff, self.ownership.lease_until
        if owner is not None and until is not None:
            yield until, said.LeaseRanOut(staff=owner, due_at=until)
        if self.telling.due_at is not None:
            yield self.telling.due_at, said.TellingOverdue(due_at=self.telling.due_at)
        step = self.escalation.fired()
        if step is not None:
            yield step.due_at, step
