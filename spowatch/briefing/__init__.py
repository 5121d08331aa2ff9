"""The briefing on one alert: everything on record that an officer needs to act lawfully."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.alerts import ALERT_CLASS, INSTRUCTIONS, AlertClass
from domain.desk.record import AlertOnRecord
from domain.orders import StalkingProtectionOrder
from spowatch.briefing.case import AlertCase, case_of
from spowatch.briefing.order import authority, breach, missed_duty, other_matter
from spowatch.briefing.person import protected_persons, risk, subject
from spowatch.briefing.power import necessity, power
from spowatch.wording.plain_words import doubt, moment, plain, span
from spowatch.wording.priority_words import priority_because, raised_because

LONGEST_HEADLINE = 120


def briefing(
    alert: AlertOnRecord,
    order: StalkingProtectionOrder,
    subject_orders: Iterable[StalkingProtectionOrder],
    now: datetime,
    *,
    position: int | None = None,
) -> dict[str, Any]:
    """What the log can tell about the alert at `now`; `order` is the order it was raised on.

    `subject_orders` are all orders of the person, `position` the alert's own place in the log.
    Words that were erased stand as their placeholders.
    """
    case = case_of(alert, order, subject_orders, now)
    asks_for_officers = ALERT_CLASS[case.raised.code] in (AlertClass.ARREST, AlertClass.REVIEW)
    return {
        "headline": headline(case),
        "instruction": INSTRUCTIONS[case.raised.code],
        "as_at": moment(now),
        "subject": subject(case),
        "order": authority(case),
        "breach": breach(case),
        "missed_duty": missed_duty(case),
        "matter": other_matter(case),
        "power": power(case),
        "necessity": necessity(case) if asks_for_officers and case.raised.offence else [],
        "risk": risk(case),
        "protected_persons": protected_persons(case),
        "provenance": provenance(case, position),
    }


def headline(case: AlertCase) -> str:
    """One line that may be read out anywhere: no name, no place, no account."""
    raised = case.raised
    about = f" {raised.condition}" if raised.condition else ""
    withdrawn = "WITHDRAWN " if case.alert.withdrawn is not None else ""
    then = "due" if case.report is None else "act"
    age = f"{then} {span(case.now - case.at)} ago"
    if case.report is None and raised.due_at > case.now:
        age = f"due in {span(raised.due_at - case.now)}"
    line = f"{withdrawn}P{case.alert.priority} {raised.code}{about}: {_in_force(case)}, {age}, "
    return line + raised.reference[: LONGEST_HEADLINE - len(line)]


def _in_force(case: AlertCase) -> str:
    kind, order = case.position.in_force, case.court_order
    if kind is None:
        return "no SPO in force now"
    none_then = case.report is not None and (order is None or not order.in_force_at(case.at))
    return f"{kind} SPO in force" + (" now, none then" if none_then else "")


def provenance(case: AlertCase, position: int | None) -> dict[str, Any]:
    """Where the alert comes from, why it has its priority, and what speaks against it."""
    raised, withdrawn = case.raised, case.alert.withdrawn
    return {
        "alert": str(case.alert.id),
        "position": position,
        "kind": str(raised.code),
        "class": str(ALERT_CLASS[raised.code]),
        "rule": raised.rule,
        "cause": str(raised.cause),
        "cause_version": case.found.originator_version,
        "law": case.found.envelope.law,
        "due_at": moment(raised.due_at),
        "raised_at": moment(raised.raised_at),
        "late_by": span(raised.raised_at - raised.due_at),
        "late_by_seconds": round((raised.raised_at - raised.due_at).total_seconds(), 3),
        "late_because": None if raised.late_because is None else plain(raised.late_because),
        "priority": case.alert.priority,
        "priority_because": priority_because(case.alert, with_reason=True),
        "raised_priority": raised.priority,
        "raised_because": raised_because(case.alert),
        "doubts": [doubt(code) for code in raised.doubts],
        "withdrawn": withdrawn is not None,
        "withdrawn_because": None if withdrawn is None else plain(withdrawn.reason),
    }
