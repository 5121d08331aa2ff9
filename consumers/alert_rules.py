"""Which finding raises which alert, at what priority and why. One function a kind of finding."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from domain.alerts import AlertCode, Priority
from domain.events import EVENT_TYPES, RecordedEvent
from domain.facts.breaches import AppointmentMissed, BreachReported
from domain.facts.court import ApplicationMade
from domain.findings import (
    BreachJudgement,
    BreachRecorded,
    Concern,
    ConcernRaised,
    DutyKind,
    Finding,
    FindingWithdrawn,
    MissJudgement,
    NotificationMissed,
    OffenceSuspected,
    PeriodExpired,
    Suspicion,
)
from domain.offences import CATALOGUE, Offence
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.personal import Wanted
from domain.repeats import Broken, Within


@dataclass(frozen=True, slots=True)
class Demand:
    """What a rule demands: an alert of this code and priority, with its reasons.

    By a pattern it becomes as urgent as `at_most`, and no more.
    """

    code: AlertCode
    priority: Priority
    reasons: tuple[str, ...] = ()
    offence: Offence | None = None
    repeats: "Repeats | None" = None
    at_most: Priority | None = None

    @property
    def rule(self) -> str:
        """The rule's name for ever; with the cause it makes the alert's identity."""
        return f"{self.code.lower()}.v1"


_WINDOWS = (timedelta(hours=24), timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True)
class Repeats:
    """Separate incidents in the time before this one, by when they happened."""

    within_24h: int = 0
    within_7d: int = 0
    within_30d: int = 0
    of: Broken = Broken.PROHIBITION
    """What kind of term this breach is of."""

    @property
    def earlier(self) -> Mapping[Within, int]:
        return {
            Within.DAY: self.within_24h,
            Within.WEEK: self.within_7d,
            Within.MONTH: self.within_30d,
        }

    def and_those(self, ages: Collection[timedelta]) -> "Repeats":
        """With incidents of these ages besides; what is yet to happen has none."""
        day, week, month = (
            sum(timedelta(0) <= age <= window for age in ages) for window in _WINDOWS
        )
        return Repeats(
            self.within_24h + day, self.within_7d + week, self.within_30d + month, self.of
        )


Rule = Callable[[RecordedEvent[Any], StalkingProtectionOrder], Iterator[Demand]]
_RULES: dict[type[Finding], Rule] = {}


def alerts_on(kind: type[Finding]) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        _RULES[kind] = rule
        return rule

    return register


WHAT_RULES_READ = frozenset(
    kind.TOPIC
    for kind in (OrderOpened, ApplicationMade, BreachReported, AppointmentMissed, FindingWithdrawn)
) | {topic for topic, kind in EVENT_TYPES.items() if issubclass(kind, Finding)}
"""Of an order's events; the terms and what was notified are never opened for the sake of an alert."""

WORDS_RULES_READ: Wanted = MappingProxyType(
    {ApplicationMade.TOPIC: frozenset({"risk"}), BreachReported.TOPIC: frozenset({"place"})}
)
"""Of what is personal in them; who the people are is never opened for the sake of an alert."""


def demands(found: RecordedEvent[Finding], order: StalkingProtectionOrder) -> Iterator[Demand]:
    """The alerts that a finding demands; `order` is the order as of that finding or later."""
    return _RULES[type(found.event)](found, order)


_BREACH_CODES = MappingProxyType(
    {
        BreachJudgement.ARREST: AlertCode.BREACH_ARREST,
        BreachJudgement.REQUIREMENT: AlertCode.BREACH_REQUIREMENT,
        BreachJudgement.HISTORIC: AlertCode.BREACH_HISTORIC,
        BreachJudgement.UNSERVED: AlertCode.BREACH_REVIEW_UNSERVED,
        BreachJudgement.CONFIRM_LOCATION: AlertCode.BREACH_CONFIRM_LOCATION,
        BreachJudgement.CROSS_BORDER: AlertCode.BREACH_CROSS_BORDER,
        BreachJudgement.OUTSIDE_UK: AlertCode.BREACH_REVIEW_OUTSIDE_UK,
        BreachJudgement.IN_CUSTODY: AlertCode.BREACH_IN_CUSTODY,
    }
)
_AT_OR_NEAR_THE_VICTIM = ("P-APPROACH", "P-ZONE", "P-PREMISES", "P-WORKPLACE", "P-SCHOOL")
_DANGER_MARKERS = frozenset({"weapon", "weapons", "threat", "threats", "violence", "missing"})
_HIGH_RISK = frozenset({"high", "very_high"})


@alerts_on(BreachRecorded)
def arrest_for_breach(
    found: RecordedEvent[BreachRecorded], order: StalkingProtectionOrder
) -> Iterator[Demand]:
    breach = found.event
    repeats = earlier_incidents(breach, order)
    reasons = tuple(_immediate_reasons(breach, order))
    urgent = breach.judgement in (BreachJudgement.ARREST, BreachJudgement.CONFIRM_LOCATION)
    priority = Priority.IMMEDIATE if urgent and reasons else Priority.PROMPT
    at_most = Priority.IMMEDIATE if urgent else Priority.PROMPT
    if breach.judgement is BreachJudgement.REQUIREMENT:
        priority = Priority.ROUTINE
    offence = None if breach.judgement is BreachJudgement.OUTSIDE_UK else Offence.BREACH
    yield Demand(_BREACH_CODES[breach.judgement], priority, reasons, offence, repeats, at_most)
    if breach.contact_from_custody:
        yield Demand(AlertCode.PRISON_CONTACT_BLOCK, Priority.PROMPT, ("contact from custody",))


def _immediate_reasons(breach: BreachRecorded, order: StalkingProtectionOrder) -> Iterator[str]:
    if breach.condition.startswith(_AT_OR_NEAR_THE_VICTIM):
        yield "at or near a protected person"
    report = report_of(breach, order)
    if report is not None and _DANGER_MARKERS & set(report.markers):
        yield "weapon, threat, violence or missing marker on the report"
    if _risk_of(order) in _HIGH_RISK:
        yield "subject assessed as high or very high risk"


def report_of(breach: BreachRecorded, order: StalkingProtectionOrder) -> BreachReported | None:
    report = next(f for f in order.facts if f.originator_version == breach.report_version)
    return report.event if isinstance(report.event, BreachReported) else None


def _risk_of(order: StalkingProtectionOrder) -> str | None:
    """The risk the application stated."""
    made = (fact.event for fact in order.facts if isinstance(fact.event, ApplicationMade))
    return next((fact.defendant.risk for fact in made if fact.defendant is not None), None)


def earlier_incidents(breach: BreachRecorded, order: StalkingProtectionOrder) -> Repeats:
    """Incidents standing on this order that happened in the time before this breach."""
    occurred = {fact.originator_version: fact.envelope.occurred_at for fact in order.facts}
    at = occurred[breach.report_version]
    ages = [
        at - occurred[entry.event.report_version]
        for entry in order.standing.values()
        if isinstance(entry.event, BreachRecorded) and entry.event.incident != breach.incident
    ]
    is_requirement = breach.judgement is BreachJudgement.REQUIREMENT
    of = Broken.REQUIREMENT if is_requirement else Broken.PROHIBITION
    return Repeats(of=of).and_those(ages)


_MISS_CODES = MappingProxyType(
    {
        MissJudgement.EXCUSE: AlertCode.MISSED_REVIEW_EXCUSE,
        MissJudgement.SERVICE_PROOF: AlertCode.MISSED_REVIEW_SERVICE_PROOF,
        MissJudgement.LATE_RECORDING: AlertCode.MISSED_REVIEW_LATE_RECORDING,
        MissJudgement.OTHER_REGIME: AlertCode.NOTIFICATION_GAP_LEGAL_REVIEW,
    }
)
_MISSED = MappingProxyType(
    {
        DutyKind.INITIAL: (AlertCode.MISSED_INITIAL, Offence.INITIAL),
        DutyKind.DAPO_INITIAL: (AlertCode.MISSED_INITIAL, Offence.INITIAL),
        DutyKind.NAME: (AlertCode.MISSED_NAME, Offence.NAME),
        DutyKind.ADDRESS: (AlertCode.MISSED_ADDRESS, Offence.ADDRESS),
        DutyKind.CEASED_HOME: (AlertCode.MISSED_ADDRESS, Offence.ADDRESS),
    }
)


@alerts_on(NotificationMissed)
def arrest_for_missed_notification(
    found: RecordedEvent[NotificationMissed], order: StalkingProtectionOrder
) -> Iterator[Demand]:
    missed = found.event
    arrest_code, offence = _MISSED[missed.duty]
    code = _MISS_CODES.get(missed.judgement, arrest_code)
    if missed.judgement is MissJudgement.ARREST and _risk_of(order) in _HIGH_RISK:
        reasons = ("subject assessed as high or very high risk", "whereabouts not notified")
        yield Demand(code, Priority.PROMPT, reasons, offence)
    else:
        yield Demand(code, Priority.SOON, ("notification outstanding",), offence)


@alerts_on(OffenceSuspected)
def arrest_for_notification_offence(
    found: RecordedEvent[OffenceSuspected], order: StalkingProtectionOrder
) -> Iterator[Demand]:
    if found.event.suspicion is Suspicion.BIOMETRICS_REFUSED:
        yield Demand(
            AlertCode.BIOMETRICS_REFUSED, Priority.PROMPT, ("at the station",), Offence.BIOMETRICS
        )
    else:
        reasons = ("whereabouts unknown",)
        yield Demand(
            AlertCode.FALSE_NOTIFICATION, Priority.PROMPT, reasons, Offence.FALSE_INFORMATION
        )


_CONCERN_CODES = MappingProxyType(
    {
        Concern.PROTECTION_GAP: (AlertCode.PROTECTION_GAP, Priority.PROMPT),
        Concern.ORDER_UNSERVED: (AlertCode.ORDER_UNSERVED, Priority.SOON),
        Concern.INTERIM_EXPIRES_BEFORE_HEARING: (
            AlertCode.INTERIM_EXPIRES_BEFORE_HEARING,
            Priority.SOON,
        ),
        Concern.EXPIRY_APPROACHES: (AlertCode.EXPIRY_WARNING, Priority.ROUTINE),
        Concern.ORDER_EXPIRED: (AlertCode.ORDER_EXPIRED, Priority.ROUTINE),
        Concern.NOTIFICATION_GAP: (AlertCode.NOTIFICATION_GAP_LEGAL_REVIEW, Priority.SOON),
        Concern.CONDUCT_NO_ORDER: (AlertCode.CONDUCT_NO_ORDER_IN_FORCE, Priority.PROMPT),
        Concern.ADDRESS_UNCONFIRMED: (AlertCode.ADDRESS_CHECK_FOLLOW_UP, Priority.ROUTINE),
        Concern.RECEIPT_NOT_ISSUED: (AlertCode.ACK_NOT_ISSUED, Priority.ROUTINE),
        Concern.CHILD_DEFENDANT: (AlertCode.CHILD_SAFEGUARDING_CONTACT, Priority.SOON),
        Concern.CROSS_BORDER_SUBJECT: (AlertCode.CROSS_BORDER_SUBJECT, Priority.ROUTINE),
        Concern.DAPO_NOTIFICATION_STARTS: (AlertCode.DAPO_NOTIFICATION_STARTS, Priority.ROUTINE),
        Concern.RELEASED_UNNOTIFIED: (AlertCode.RELEASE_NOTIFY_NOW, Priority.SOON),
        Concern.APPOINTMENT_UNCONFIRMED: (AlertCode.APPOINTMENT_UNCONFIRMED, Priority.ROUTINE),
        Concern.REVIEW_DUE: (AlertCode.REVIEW_DUE, Priority.ROUTINE),
    }
)


@alerts_on(PeriodExpired)
def nothing_for_an_expired_period(
    _: RecordedEvent[PeriodExpired], __: StalkingProtectionOrder
) -> Iterator[Demand]:
    """What its end means, a gap or a task, is a concern with an alert of its own."""
    yield from ()


@alerts_on(ConcernRaised)
def task_for_concern(
    found: RecordedEvent[ConcernRaised], order: StalkingProtectionOrder
) -> Iterator[Demand]:
    code, priority = _CONCERN_CODES[found.event.concern]
    yield Demand(code, priority)


def offence_provision(demand: Demand) -> str | None:
    return None if demand.offence is None else CATALOGUE[demand.offence].provision
