"""The briefing's part on the power of arrest: the offence, what to verify, and why it may be necessary.

It advises. PACE 1984 s.24 gives the decision to the constable.
"""

from collections.abc import Callable, Iterator
from typing import Any

from domain.alerts import ALERT_CLASS, AlertClass
from domain.calendar import legal_day
from domain.court_orders import CourtOrder, OrderKind
from domain.facts.breaches import BreachReported
from domain.findings import BreachRecorded
from domain.history import happened
from domain.offences import CATALOGUE, MAX_INDICTMENT_YEARS, max_summary_months
from domain.regimes import EW_DAPO_2021, EW_SPA_2019
from domain.spells import covering
from spowatch.briefing.case import AlertCase
from spowatch.briefing.person import (
    aliases,
    earlier_breaches,
    last_check,
    missed_notifications,
    notified_home,
)
from spowatch.wording.plain_words import plain, said, said_day

ADVICE = (
    "The system advises; it does not order an arrest. A constable decides under PACE 1984 s.24: "
    "reasonable grounds to SUSPECT the offence, AND reasonable grounds to BELIEVE that arrest is "
    "NECESSARY for a reason in s.24(5). The protected person never decides."
)
NO_OFFENCE = "This alert names no offence: it gives no ground for an arrest by itself."


def power(case: AlertCase) -> dict[str, Any]:
    if case.raised.offence is None:
        return {"offence": None, "advice": NO_OFFENCE, "verify_before_arrest": []}
    checks = {name: record(case) for name, record in _CHECKS}
    return {
        "offence": _offence(case, case.raised.offence),
        "arrest_advised": ALERT_CLASS[case.raised.code] is AlertClass.ARREST,
        "advice": ADVICE,
        "verify_before_arrest": [
            {"check": name, "record": on_record} for name, on_record in checks.items()
        ],
    }


def _offence(case: AlertCase, provision: str) -> dict[str, Any]:
    entry = next((e for e in CATALOGUE.values() if e.provision == provision), None)
    dapo = case.court_order is not None and case.court_order.kind is OrderKind.DAPO
    regime = EW_DAPO_2021 if dapo else case.order.regime
    act, today = legal_day(case.at), legal_day(case.now)
    months = regime.summary_months or max_summary_months(act, today)
    wording = provision if entry is None else entry.wording
    broken = isinstance(case.found.event, BreachRecorded)
    if regime is not EW_SPA_2019:
        provision = regime.offence_of_breach if broken else regime.offence_of_silence
    if dapo and broken:
        wording = "breach of a domestic abuse protection order"
    return {
        "wording": wording,
        "provision": provision,
        "pnld": None if entry is None or regime is not EW_SPA_2019 else entry.pnld,
        "maximum": f"{MAX_INDICTMENT_YEARS} years on indictment; {months} months in a "
        f"magistrates' court (offence of {said_day(act)}, if convicted today)",
    }


def _identity(case: AlertCase) -> str:
    defendant = case.defendant
    if defendant is None:
        return "nobody is named on record: establish who the order is against"
    parts = [defendant.name]
    parts += [f"born {defendant.born}"] if defendant.born else []
    parts += [f"PNC {defendant.pnc_id}"] if defendant.pnc_id else ["no PNC id on record"]
    return ", ".join(parts)


def _served(case: AlertCase) -> str:
    order = case.court_order
    if order is None:
        return "no order on record"
    served = order.served_by(case.at)
    if served is None:
        present = "was in court when it was made" if order.defendant_present else None
        return f"no service on record by then; the person {present or 'may not know of it'}"
    how = plain(served.method or "method not recorded")
    proof = "proven" if served.proven else "NOT PROVEN"
    return f"{said(served.served_at)}, {how}, {proof}"


def _in_force(case: AlertCase) -> str:
    order = case.court_order
    if order is None:
        return "no order on record"
    then = "in force" if order.in_force_at(case.at) else "NOT in force"
    now = "in force now" if order.in_force_at(case.now) else "NOT in force now"
    return f"{order.kind} order {then} at {said(case.at)}; {now}; {_ends(order)}"


def _ends(order: CourtOrder) -> str:
    if order.end is None:
        return "until a further order"
    if order.last_day is not None and order.end == order.period_end:
        return f"to the end of {said_day(order.last_day)}"
    return f"ended {said(order.end)}, {plain(order.cause_of_end)}"


def _applies(case: AlertCase) -> str:
    term, code = case.term, case.raised.condition
    if code is None:
        return "the duty to notify applies by the Act itself"
    if term is None:
        return f"{code} is not found in the terms at the time: check the sealed order"
    limits = [f"only in {term.locality}"] if term.locality_limited and term.locality else []
    limits += [f"except {exception}" for exception in term.exceptions]
    return f"{code}, {term.type.title}" + (f" ({'; '.join(limits)})" if limits else "")


def _not_varied(case: AlertCase) -> str:
    order = case.court_order
    if order is None:
        return "no order on record"
    later = [terms for terms in order.terms if terms.since > case.at]
    appeal = "; APPEAL PENDING" if case.position.history.appeals_pending else ""
    if later:
        return f"VARIED since, on {said(later[0].since)}: read both versions{appeal}"
    return f"version {order.terms_at(case.at).version} of the terms then and now{appeal}"


_CHECKS: tuple[tuple[str, Callable[[AlertCase], str]], ...] = (
    ("identity", _identity),
    ("served", _served),
    ("in force", _in_force),
    ("condition applies", _applies),
    ("not varied", _not_varied),
)


def necessity(case: AlertCase) -> list[dict[str, Any]]:
    """The reasons of s.24(5), each with what on record bears on it; for the officer to judge."""
    return [
        {"reason": reason, "prompt": prompt, "facts": list(facts(case))}
        for reason, prompt, facts in _REASONS
    ]


def _name_facts(case: AlertCase) -> Iterator[str]:
    if case.defendant is None:
        yield "no name on record"
    elif not case.defendant.pnc_id:
        yield "no PNC id on record to check a name against"
    if others := len(aliases(case)):
        yield f"{others} other name(s) on record"


def _address_facts(case: AlertCase) -> Iterator[str]:
    receipt = notified_home(case)
    if receipt is None:
        yield "no home address has been notified"
        return
    verified = last_check(case, receipt.recorded)["verified"]
    yield "notified home address " + ("seen by an officer" if verified else "never confirmed")
    if missed_notifications(case):
        yield "a notification is missed and may have changed it"


def _harm_facts(case: AlertCase) -> Iterator[str]:
    defendant = case.defendant
    if defendant is not None and defendant.risk:
        yield f"assessed risk: {plain(defendant.risk)}"
    if defendant is not None and defendant.markers:
        yield f"warning markers: {', '.join(plain(m) for m in defendant.markers)}"
    report = case.report.event if case.report is not None else None
    if isinstance(report, BreachReported) and report.markers:
        yield f"on this report: {', '.join(plain(marker) for marker in report.markers)}"
    earlier = earlier_breaches(case)
    if earlier:
        yield f"{len(earlier)} earlier breach(es) on record, the last {said(earlier[0].occurred_at)}"


def _protection_facts(case: AlertCase) -> Iterator[str]:
    if case.protected:
        yield f"{len(case.protected)} protected person(s) named on the order"
    if any("child" in (person.relationship or "") for person in case.protected):
        yield "a child is among them"
    if case.term is not None and case.term.place():
        yield "the broken term keeps the person away from a place"


def _investigation_facts(case: AlertCase) -> Iterator[str]:
    report = case.report.event if case.report is not None else None
    if isinstance(report, BreachReported) and report.channel:
        yield f"made by {plain(report.channel)}: devices and accounts may hold evidence"
    if isinstance(report, BreachReported) and report.source:
        yield f"evidence comes from: {plain(report.source)}"
    if case.term is not None and case.term.devices:
        yield f"devices named in the order: {', '.join(case.term.devices)}"


def _disappearance_facts(case: AlertCase) -> Iterator[str]:
    if missed := missed_notifications(case):
        yield f"{missed} missed notification(s) standing"
    if covering(case.position.history.abroad, case.now) is not None:
        yield "recorded as outside the United Kingdom"
    for visit in case.position.history.visits:
        if visit.event.result != "seen":
            yield f"not found at the notified address on {said(happened(visit))}"


_REASONS: tuple[tuple[str, str, Callable[[AlertCase], Iterator[str]]], ...] = (
    ("s.24(5)(a)", "to find out the person's name", _name_facts),
    ("s.24(5)(b)", "to find out the person's address", _address_facts),
    ("s.24(5)(c)", "to prevent injury, harm, or loss of or damage to property", _harm_facts),
    ("s.24(5)(d)", "to protect a child or other vulnerable person", _protection_facts),
    ("s.24(5)(e)", "to allow prompt and effective investigation", _investigation_facts),
    ("s.24(5)(f)", "to stop disappearance hindering a prosecution", _disappearance_facts),
)
