"""The words of the screens: what each alert, step and role is called by the people who use them."""

from datetime import datetime
from types import MappingProxyType

from domain.access import Role
from domain.alerts import AlertClass, AlertCode
from domain.calendar import LONDON
from domain.desk.record import Stage
from domain.desk.suppressions import SuppressionKind
from domain.taxonomy import TAXONOMY
from web.language import N_

_C = AlertCode
ALERTS = MappingProxyType(
    {
        _C.BREACH_ARREST: "Breach of the order",
        _C.MISSED_INITIAL: "First notification missed",
        _C.MISSED_NAME: "New name not notified",
        _C.MISSED_ADDRESS: "New address not notified",
        _C.BIOMETRICS_REFUSED: "Fingerprints or photograph refused",
        _C.FALSE_NOTIFICATION: "False notification",
        _C.BREACH_REQUIREMENT: "Requirement not kept",
        _C.BREACH_HISTORIC: "Breach reported after the order ended",
        _C.BREACH_IN_CUSTODY: "Breach from custody",
        _C.BREACH_REVIEW_UNSERVED: "Breach, order not shown to be served",
        _C.BREACH_CONFIRM_LOCATION: "Breach, place to be confirmed",
        _C.BREACH_CROSS_BORDER: "Breach in Scotland or Northern Ireland",
        _C.BREACH_REVIEW_OUTSIDE_UK: "Conduct outside the UK",
        _C.MISSED_REVIEW_EXCUSE: "Notification missed, excuse likely",
        _C.MISSED_REVIEW_SERVICE_PROOF: "Notification missed, service unproven",
        _C.MISSED_REVIEW_LATE_RECORDING: "Notification missed, recorded late",
        _C.NOTIFICATION_GAP_LEGAL_REVIEW: "Notification gap: legal review",
        _C.CONDUCT_NO_ORDER_IN_FORCE: "Conduct with no order in force",
        _C.PROTECTION_GAP: "Nobody is protected now",
        _C.ORDER_UNSERVED: "Order not served",
        _C.INTERIM_EXPIRES_BEFORE_HEARING: "Interim order ends before the hearing",
        _C.EXPIRY_WARNING: "Order nearing its end",
        _C.ORDER_EXPIRED: "Order has expired",
        _C.PRISON_CONTACT_BLOCK: "Ask HMPPS to block contact",
        _C.RELEASE_NOTIFY_NOW: "Released: notify now",
        _C.DAPO_NOTIFICATION_STARTS: "DAPO notification begins",
        _C.ADDRESS_CHECK_FOLLOW_UP: "Address not confirmed",
        _C.ACK_NOT_ISSUED: "Acknowledgement not issued",
        _C.CHILD_SAFEGUARDING_CONTACT: "Child: involve children's services",
        _C.CROSS_BORDER_SUBJECT: "Person has left England and Wales",
        _C.APPOINTMENT_UNCONFIRMED: "Appointment not confirmed",
        _C.REVIEW_DUE: "Review of the order due",
        _C.GLASS_BROKEN: "Case opened by another force",
        _C.GLASS_BROKEN: "Case opened by another force",
        _C.ALERT_WITHDRAWN: "Alert withdrawn",
        _C.ALERT_WITHDRAWN_COMPLIED_IN_TIME: "Alert withdrawn: complied in time",
        _C.LINE_TEST: "Test of the line",
    }
)
ASKS = MappingProxyType(
    {
        AlertClass.ARREST: "Consider arrest",
        AlertClass.REVIEW: "Review before any arrest",
        AlertClass.PROTECTION: "Protect",
        AlertClass.TASK: "Task",
        AlertClass.NOTICE: "Notice",
        AlertClass.TEST: "Test",
    }
)
PRIORITIES = MappingProxyType({1: "immediate", 2: "prompt", 3: "soon", 4: "routine"})
SHAPES = MappingProxyType({1: "▲", 2: "◆", 3: "●", 4: "○"})
"""Beside the word and the colour: seen by who cannot tell the colours."""
ROLES = MappingProxyType(
    {
        Role.OPERATOR: "Control room operator",
        Role.SUPERVISOR: "Supervisor",
        Role.SPOC: "Stalking single point of contact",
        Role.DUTY_OFFICER: "Duty officer",
        Role.OFFENDER_MANAGER: "Offender manager",
        Role.VICTIM_LIAISON: "Victim liaison officer",
        Role.COURT_LIAISON: "Court liaison officer",
        Role.REVIEWER: "Reviewer of access",
        Role.OPS: "Operations, without personal data",
        Role.CONTROL_SYSTEM: "Control room system",
        Role.PROVIDER: "Provider's system",
        Role.COURT_SYSTEM: "Court's system",
    }
)
HOLDS = MappingProxyType(
    {
        SuppressionKind.CUSTODY: N_("The person is in custody"),
        SuppressionKind.EXERCISE: N_("An exercise"),
        SuppressionKind.RULE_DISABLED: N_("A rule that raises wrong alerts"),
        SuppressionKind.MAINTENANCE: N_("Maintenance of what reports"),
    }
)
STAGES = MappingProxyType(
    {
        Stage.RAISED: "Raised",
        Stage.PRESENTED: "On the board",
        Stage.ACKNOWLEDGED: "Acknowledged",
        Stage.TASKED: "Unit sent",
        Stage.ATTENDING: "Unit there",
        Stage.OUTCOME: "Outcome recorded",
        Stage.REVIEWED: "Reviewed",
        Stage.CLOSED: "Closed",
    }
)


def what(code: AlertCode, condition: str | None) -> str:
    """What the alert is about, with the broken term in words where there is one."""
    term = TAXONOMY.get(condition) if condition else None
    return ALERTS[code] if term is None else f"{ALERTS[code]}: {term.title}"


def said(instant: datetime) -> str:
    """An instant as people read it, with GMT or BST; seconds, because operators compare."""
    return f"{instant.astimezone(LONDON):%a %d %b %Y %H:%M:%S %Z}"


def clock(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%H:%M:%S}"


def announced(code: AlertCode, priority: int, condition: str | None, order: str) -> str:
    """What a screen reader says of a new row."""
    return f"New alert, priority {priority}: {what(code, condition)}. Order {order}."
