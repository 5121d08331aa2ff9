"""An alert of priority 1 in Kent, and the people who may deal with it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.alerts import AlertCode, AlertRaised
from domain.desk.case import AlertCase
from domain.desk.events import Answered
from domain.desk.hands import DeskRole, Hand
from domain.desk.outcomes import Question
from domain.desk.policies import STANDARD, EscalationPolicy
from domain.events import Envelope

RAISED = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "CR-7")
COLLEAGUE = Hand("K1002", DeskRole.OPERATOR, "Kent", "CR-8")
SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")
SPOC = Hand("K3001", DeskRole.SPOC, "Kent", "HQ-2")
NEIGHBOUR = Hand("E1001", DeskRole.OPERATOR, "Essex", "CR-3")
EVERY_ANSWER = [Answered(question=each, yes=True, reference="CR/1/26") for each in Question]


def after(**passed: float) -> datetime:
    return RAISED + timedelta(**passed)


def raised(
    code: AlertCode = AlertCode.BREACH_ARREST,
    priority: int = 1,
    policy: EscalationPolicy | None = None,
) -> AlertCase:
    """An alert just raised, its escalation begun."""
    case = AlertCase(UUID(int=99))
    event = AlertRaised(
        code=code,
        rule="rule.v1",
        cause=UUID(int=1),
        order_id=UUID(int=2),
        reference="KENT-1",
        force="Kent",
        priority=priority,
        due_at=RAISED,
        raised_at=RAISED,
    )
    envelope = Envelope(occurred_at=RAISED, recorded_at=RAISED, entered_at=RAISED)
    case._record(event, envelope)
    case.policies = STANDARD if policy is None else {priority: policy}
    return case
