"""What is pending of an alert, as rows of the deadline sheet."""

from types import MappingProxyType

from domain.alerts import Priority
from domain.deadlines import Agenda, Deadline, DeadlineKind
from domain.desk import events as said
from domain.desk.record import AlertOnRecord
from domain.events import Event

_KIND = MappingProxyType(
    {
        said.EscalationStarted: DeadlineKind.ALERT_ESCALATION,
        said.EscalationStepFired: DeadlineKind.ALERT_ESCALATION,
        said.LeaseRanOut: DeadlineKind.ALERT_LEASE,
        said.TellingOverdue: DeadlineKind.PROTECTED_PERSON_TOLD,
        said.TransferTimedOut: DeadlineKind.TRANSFER_ANSWER,
    }
)


def agenda_of(alert: AlertOnRecord) -> Agenda:
    """Priority 1 is told before anything else that is due at the same time."""
    rows = [
        Deadline(_KIND[type(event)], _about(event), due, "force policy")
        for due, event in alert.pending()
    ]
    urgent = alert.priority == Priority.IMMEDIATE
    return Agenda(alert.version, 0 if urgent else 1, sorted(rows, key=_order))


def _about(event: Event) -> str:
    return f"step {event.step}" if isinstance(event, said.EscalationStepFired) else "alert"


def _order(deadline: Deadline) -> tuple[object, ...]:
    return deadline.due_at, deadline.kind, deadline.about
