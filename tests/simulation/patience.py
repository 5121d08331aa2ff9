"""When people must be told next of an alert of priority 1 that nobody has, reckoned once more from the standard policy."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.alerts import AlertRaised
from domain.desk import events as said
from domain.events import Event
from tests.simulation.world import Violation

_STEPS = (60.0, 120.0, 120.0)
_REPEAT, _LONGEST = 300.0, 7 * 86_400.0


@dataclass
class Patience:
    """Told while it is of priority 1; `due` is None while somebody has it."""

    due: datetime | None = None
    owned_until: datetime | None = None
    _told_all: bool = False
    _fired: set[datetime] = field(default_factory=set)

    def fires_once(self, step: said.EscalationStepFired) -> None:
        if step.due_at in self._fired:
            msg = f"the step due at {step.due_at} fired twice"
            raise Violation(msg)
        self._fired.add(step.due_at)

    def hears(self, event: Event, known_at: datetime) -> None:
        match event:
            case AlertRaised():
                self.due = known_at
            case said.EscalationStarted() if self.owned_until is None:
                begins = event.started_at + _wait(0)
                self.due = begins if self.due is None else max(self.due, begins)
            case said.EscalationStepFired():
                self._told_all = event.step >= len(_STEPS) - 1
                late = known_at if self._told_all else event.due_at
                self.due = late + _wait(event.step + 1)
            case said.AlertResounded() if self.due is not None and not self._told_all:
                pass
            case said.LeaseRanOut() | said.AlertResounded() | said.AlertReopened():
                self.owned_until, self.due = None, known_at + _wait(0)
            case _:
                self._taken(event)

    def _taken(self, event: Event) -> None:
        until: datetime | None = getattr(event, "lease_until", None)
        if until is not None:
            self.due, self.owned_until = None, until

    def over(self, shown: datetime) -> bool:
        """Whether somebody should have been told, or given it up, before now."""
        instant = self.due if self.owned_until is None else self.owned_until
        return instant is None or instant < shown


def _wait(step: int) -> timedelta:
    if step < len(_STEPS):
        return timedelta(seconds=_STEPS[step])
    return timedelta(seconds=min(_REPEAT * 2.0 ** min(step - len(_STEPS), 20), _LONGEST))
