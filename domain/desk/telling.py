"""Telling the protected person: the clock starts with the alert, not with the arrest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.alerts import AlertWithdrawn
from domain.desk.events import (
    EscalationStarted,
    ProtectedPersonTold,
    ProtectedPersonTried,
    TellingOverdue,
)
from domain.events import Event


@dataclass(slots=True)
class Telling:
    """Due, tried, told, or overdue and with a supervisor."""

    owed: bool = False
    due_at: datetime | None = None
    tried: int = 0
    told_at: datetime | None = None
    overdue: bool = False

    @property
    def open(self) -> bool:
        return self.owed and self.told_at is None

    def apply(self, event: Event) -> None:
        match event:
            case EscalationStarted() if self.open and not self.overdue:
                due = event.started_at + timedelta(seconds=event.policy.tell_protected_within)
                self.due_at = min(due, self.due_at or due)
            case AlertWithdrawn():
                self.owed, self.due_at = False, None
            case ProtectedPersonTried():
                self.tried += 1
            case ProtectedPersonTold():
                self.told_at, self.due_at = event.told_at, None
            case TellingOverdue():
                self.overdue, self.due_at = True, None
            case _:
                pass
