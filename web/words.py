"""The words of the screens: what each alert, step and role is called by the people who use them."""

from datetime import datetime
from types import MappingProxyType

from babel.dates import format_date

from domain.access import Role
from domain.alerts import AlertClass, AlertCode
from domain.calendar import LONDON
from domain.desk.record import Stage
from domain.desk.suppressions import SuppressionKind
from domain.taxonomy import TAXONOMY
from web.language import N_, _, language, one_or_more

_C = AlertCode
ALERTS = MappingProxyType(
    {
        _C.BREACH_ARREST: N_("Breach of the order"),
        _C.MISSED_INITIAL: N_("First notification missed"),
        _C.MISSED_NAME: N_("New name not notified"),
        _C.MISSED_ADDRESS: N_("New address not notified"),
        _C.BIOMETRICS_REFUSED: N_("Fingerprints or photograph refused"),
        _C.FALSE_NOTIFICATION: N_("False notification"),
        _C.BREACH_REQUIREMENT: N_("Requirement not kept"),
        _C.BREACH_HISTORIC: N_("Breach reported after the order ended"),
        _C.BREACH_IN_CUSTODY: N_("Breach from custody"),
        _C.BREACH_REVIEW_UNSERVED: N_("Breach, order not shown to be served"),
        _C.BREACH_CONFIRM_LOCATION: N_("Breach, place to be confirmed"),
        _C.BREACH_CROSS_BORDER: N_("Breach in Scotland or Northern Ireland"),
        _C.BREACH_REVIEW_OUTSIDE_UK: N_("Conduct outside the UK"),
        _C.MISSED_REVIEW_EXCUSE: N_("Notification missed, excuse likely"),
        _C.MISSED_REVIEW_SERVICE_PROOF: N_("Notification missed, service unproven"),
        _C.MISSED_REVIEW_LATE_RECORDING: N_("Notification missed, recorded late"),
        _C.NOTIFICATION_GAP_LEGAL_REVIEW: N_("Notification gap: legal review"),
        _C.CONDUCT_NO_ORDER_IN_FORCE: N_("Conduct with no order in force"),
        _C.PROTECTION_GAP: N_("Nobody is protected now"),
        _C.ORDER_UNSERVED: N_("Order not served"),
        _C.INTERIM_EXPIRES_BEFORE_HEARING: N_("Interim order ends before the hearing"),
        _C.EXPIRY_WARNING: N_("Order nearing its end"),
        _C.ORDER_EXPIRED: N_("Order has expired"),
        _C.PRISON_CONTACT_BLOCK: N_("Ask HMPPS to block contact"),
        _C.RELEASE_NOTIFY_NOW: N_("Released: notify now"),
        _C.DAPO_NOTIFICATION_STARTS: N_("DAPO notification begins"),
        _C.ADDRESS_CHECK_FOLLOW_UP: N_("Address not confirmed"),
        _C.ACK_NOT_ISSUED: N_("Acknowledgement not issued"),
        _C.CHILD_SAFEGUARDING_CONTACT: N_("Child: involve children's services"),
        _C.CROSS_BORDER_SUBJECT: N_("Person has left England and Wales"),
        _C.APPOINTMENT_UNCONFIRMED: N_("Appointment not confirmed"),
        _C.REVIEW_DUE: N_("Review of the order due"),
        _C.GLASS_BROKEN: N_("Case opened by another force"),
        _C.ALERT_WITHDRAWN: N_("Alert withdrawn"),
        _C.ALERT_WITHDRAWN_COMPLIED_IN_TIME: N_("Alert withdrawn: complied in time"),
        _C.LINE_TEST: N_("Test of the line"),
    }
)
ASKS = MappingProxyType(
    {
        AlertClass.ARREST: N_("Consider arrest"),
        AlertClass.REVIEW: N_("Review before any arrest"),
        AlertClass.PROTECTION: N_("Protect"),
        AlertClass.TASK: N_("Task"),
        AlertClass.NOTICE: N_("Notice"),
        AlertClass.TEST: N_("Test"),
    }
)
PRIORITIES = MappingProxyType(
    {1: N_("immediate"), 2: N_("prompt"), 3: N_("soon"), 4: N_("routine")}
)
SHAPES = MappingProxyType({1: "▲", 2: "◆", 3: "●", 4: "○"})
"""Beside the word and the colour: seen by who cannot tell the colours."""
ROLES = MappingProxyType(
    {
        Role.OPERATOR: N_("Control room operator"),
        Role.SUPERVISOR: N_("Supervisor"),
        Role.SPOC: N_("Stalking single point of contact"),
        Role.DUTY_OFFICER: N_("Duty officer"),
        Role.OFFENDER_MANAGER: N_("Offender manager"),
        Role.VICTIM_LIAISON: N_("Victim liaison officer"),
        Role.COURT_LIAISON: N_("Court liaison officer"),
        Role.REVIEWER: N_("Reviewer of access"),
        Role.OPS: N_("Operations, without personal data"),
        Role.CONTROL_SYSTEM: N_("Control room system"),
        Role.PROVIDER: N_("Provider's system"),
        Role.COURT_SYSTEM: N_("Court's system"),
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
        Stage.RAISED: N_("Raised"),
        Stage.PRESENTED: N_("On the board"),
        Stage.ACKNOWLEDGED: N_("Acknowledged"),
        Stage.TASKED: N_("Unit sent"),
        Stage.ATTENDING: N_("Unit there"),
        Stage.OUTCOME: N_("Outcome recorded"),
        Stage.REVIEWED: N_("Reviewed"),
        Stage.CLOSED: N_("Closed"),
    }
)

FACETS = MappingProxyType(
    {
        "under_appeal": N_("Under appeal"),
        "unserved": N_("Not served"),
        "notification_overdue": N_("Notification overdue"),
        "soa_exempt": N_("Notifies under the Sexual Offences Act 2003 instead"),
        "in_custody": N_("In custody"),
        "cross_border": N_("Has left England and Wales"),
        "child": N_("Under 18"),
        "replaces_interim": N_("Replaces an interim order"),
    }
)
"""What is so beside the milestone, by its name in `domain.position`."""


def facet(name: str) -> str:
    """In words; one that this release does not know by its name, as plainly as it can be said."""
    kind, __, count = name.rstrip(")").partition("(")
    if kind == "breached" and count.isdecimal():
        return one_or_more("%(num)s breach on record", "%(num)s breaches on record", int(count))
    return _(FACETS[kind]) if name in FACETS else name.replace("_", " ")


def what(code: AlertCode, condition: str | None) -> str:
    """What the alert is about, with the broken term in words where there is one."""
    term = TAXONOMY.get(condition) if condition else None
    said_of = _(ALERTS[code])
    return said_of if term is None else f"{said_of}: {_(term.title)}"


def said(instant: datetime) -> str:
    """An instant as people read it, with GMT or BST; seconds, because operators compare."""
    local = instant.astimezone(LONDON)
    return f"{format_date(local, 'EEE dd MMM y', locale=language())} {local:%H:%M:%S %Z}"


def clock(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%H:%M:%S}"


def announced(code: AlertCode, priority: int, condition: str | None, order: str) -> str:
    """What a screen reader says of a new row."""
    return _(
        "New alert, priority %(priority)s: %(what)s. Order %(order)s.",
        priority=priority,
        what=what(code, condition),
        order=order,
    )
