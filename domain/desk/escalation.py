"""Escalation: who is told next and exactly when. It runs whenever nobody has the alert in hand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.desk.events import (
    AlertAcknowledged,
    AlertClosed,
    AlertHandedOver,
    AlertReopened,
    AlertResounded,
    AlertSeconded,
    EscalationStarted,
    EscalationStepFired,
    LeaseRanOut,
    TransferAccepted,
)
from domain.desk.hands import DeskRole, Hand
from domain.desk.policies import EscalationPolicy
from domain.events import Event

LONGEST = timedelta(days=7)
_MOST_DOUBLINGS = 20


@dataclass(slots=True)
class Escalation:
    """One step is ever due next. Late steps are fired once, however often they came by meanwhile."""

    policy: EscalationPolicy | None = None
    next_step: int = 0
    next_due: datetime | None = None
    answered: set[DeskRole] = field(default_factory=set)

    @property
    def running(self) -> bool:
        return self.next_due is not None

    def seconded(self, hand: Hand) -> AlertSeconded | None:
        """The answer of another role that the policy waits for; None when it waits for none such."""
        if hand.role not in self._owed:
            return None
        return AlertSeconded(staff=hand.staff, duty=hand.role)

    def fired(self) -> EscalationStepFired | None:
        """The step that is due next."""
        if self.next_due is None or self.policy is None:
            return None
        step = self.policy.steps[min(self.next_step, len(self.policy.steps) - 1)]
        return EscalationStepFired(step=self.next_step, tells=step.tells, due_at=self.next_due)

    def apply(self, event: Event, known_at: datetime) -> None:
        match event:
            case EscalationStarted():
                self._start(event)
            case EscalationStepFired():
                self.next_step = event.step + 1
                # Told late, each is told once: what comes again and again is not made up for.
                told_at = known_at if self._told_all else event.due_at
                self.next_due = None if self._enough else told_at + self._wait()
            case AlertAcknowledged() | AlertSeconded():
                self._answer(event.duty)
            case AlertHandedOver() | TransferAccepted() | AlertClosed():
                self._end(event)
            case LeaseRanOut():
                self._go_on(event.due_at)
            case AlertResounded():
                self._sound_again(known_at)
            case AlertReopened():
                self._begin(known_at)
            case _:
                pass

    def _start(self, started: EscalationStarted) -> None:
        """By that policy from its beginning. Who has answered has; who is about to be told is told."""
        answered, soonest = set(self.answered), self.next_due
        self.policy = started.policy
        self._begin(started.started_at)
        self.answered = answered
        if not self._owed:
            self.next_due = None
        elif soonest is not None and self.next_due is not None:
            self.next_due = min(soonest, self.next_due)

    def _begin(self, at: datetime) -> None:
        self.answered.clear()
        self.next_step = 0
        self.next_due = at + self._wait() if self.policy is not None else None

    def _sound_again(self, at: datetime) -> None:
        """From its beginning where everybody was told before; whoever is about to be told is told no later for it."""
        soonest = self.next_due
        if soonest is None or self._told_all:
            self._begin(at)
        if soonest is not None and self.next_due is not None:
            self.next_due = min(soonest, self.next_due)
        self.answered.clear()

    def _go_on(self, at: datetime) -> None:
        """At once with whoever would have been told next: time has been lost already."""
        self.answered.clear()
        self.next_due = at if self.policy is not None else None

    def _end(self, because: AlertHandedOver | TransferAccepted | AlertClosed) -> None:
        """Whoever took it over has answered, by a more urgent policy that comes after too."""
        self.answered |= self._owed
        if not isinstance(because, AlertClosed):
            self.answered.add(because.duty)
        self.next_due = None

    def _answer(self, duty: DeskRole) -> None:
        self.answered.add(duty)
        if not self._owed:
            self.next_due = None

    @property
    def _owed(self) -> set[DeskRole]:
        """Roles that must still answer."""
        if self.policy is None:
            return set()
        return set(self.policy.acknowledged_by) - self.answered

    def _wait(self) -> timedelta:
        policy = self.policy
        if policy is None:
            return timedelta(0)
        if not self._told_all:
            return timedelta(seconds=policy.steps[self.next_step].after)
        doublings = min(self.next_step - len(policy.steps), _MOST_DOUBLINGS)
        return min(timedelta(seconds=policy.repeat * (1 << doublings)), LONGEST)

    @property
    def _enough(self) -> bool:
        """Everybody was told, and again as often as the policy says: it is left to the lists."""
        policy = self.policy
        if policy is None or policy.repeats is None:
            return False
        return self.next_step >= len(policy.steps) + policy.repeats

    @property
    def _told_all(self) -> bool:
        return self.policy is not None and self.next_step >= len(self.policy.steps)
