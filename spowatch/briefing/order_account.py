"""Where one order stands, told in full: for a person at the counter and for a program."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from domain.court_orders import CourtOrder
from domain.events import RecordedEvent
from domain.findings import Finding
from domain.notification import Duty
from domain.orders import FactRefused, StalkingProtectionOrder
from domain.position import Position
from domain.refusals import REFUSALS
from spowatch.briefing.order import term
from spowatch.wording.plain_words import maybe_moment, moment, plain, said_day
from spowatch.wording.text_rows import if_any, printable, row, wrapped
from spowatch.wording.timeline import in_words, timeline

Told = dict[str, Any]


def account(
    order: StalkingProtectionOrder, recorded: Iterable[RecordedEvent], at: datetime
) -> Told:
    """`order` with the events `recorded` of it, as it stands at `at`."""
    position = order.position(at)
    events = [each for each in recorded if each.envelope.recorded_at <= at]
    return {
        "order": order.reference,
        "force": order.force,
        "regime": order.regime.name,
        "as_at": moment(at),
        "version": order.version,
        "status": position.status,
        "in_force": position.in_force,
        "facets": position.facets,
        "warnings": position.warnings,
        "history_assumed": order.history_assumed,
        "terms": _terms(position, at),
        "duties": [_duty(duty) for duty in position.duties],
        "findings": [_finding(finding, order) for finding in position.findings],
        "refused": [_refused(each) for each in order.refused],
        "timeline": timeline(events),
    }


def _terms(position: Position, at: datetime) -> Told | None:
    order = position.latest_order
    return None if order is None else _terms_of(order, at)


def _terms_of(order: CourtOrder, at: datetime) -> Told:
    terms = order.terms_at(at)
    return {
        "kind": str(order.kind),
        "made_on": said_day(order.made_on),
        "from": moment(order.start),
        "to": maybe_moment(order.end),
        "in_force": order.in_force_at(at),
        "served_at": _served(order),
        "version": terms.version,
        "since": moment(terms.since),
        "conditions": [term(condition, terms) for condition in terms.conditions],
    }


def _served(order: CourtOrder) -> dict[str, str] | None:
    service = order.service()
    return None if service is None else moment(service.served_at)


def _duty(duty: Duty) -> Told:
    return {
        "kind": str(duty.kind),
        "first_day": duty.window.first_day.isoformat(),
        "last_day": duty.window.last_day.isoformat(),
        "deadline": moment(duty.window.deadline),
        "state": str(duty.state),
        "met_at": None if duty.met_by is None else moment(duty.met_by.envelope.occurred_at),
        "doubts": list(duty.doubts),
    }


def _finding(finding: Finding, order: StalkingProtectionOrder) -> Told:
    """A conclusion that holds; `version` is None until a sweep has put it on record."""
    recorded = order.standing.get(finding.identity)
    return {
        "what": in_words(finding),
        "topic": finding.TOPIC,
        "due_at": moment(finding.due_at),
        "version": None if recorded is None else recorded.originator_version,
        "event": None if recorded is None else str(recorded.event_id),
    }


def _refused(each: RecordedEvent[FactRefused]) -> Told:
    refusal = REFUSALS.get(each.event.code)
    return {
        "fact": each.event.fact_type,
        "code": each.event.code,
        "section": None if refusal is None else refusal.section,
        "reason": None if refusal is None else refusal.sentence,
        "occurred_at": moment(each.envelope.occurred_at),
        "recorded_at": moment(each.envelope.recorded_at),
    }


def render_account(told: Told) -> str:
    """The account as text; no line over 100 columns but in the timeline's own words."""
    lines = [f"{told['order']} ({told['force'] or 'no force named'}), {told['regime']}"]
    for heading, section in _SECTIONS:
        body = list(section(told))
        if body:
            lines += ["", heading, *body]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _standing(told: Told) -> Iterator[str]:
    yield from row("As at", told["as_at"])
    yield from row("Status", plain(told["status"]))
    yield from row("In force", told["in_force"] or "NO")
    yield from if_any("Also", told["facets"])
    yield from if_any("Think about", told["warnings"])
    if told["history_assumed"]:
        yield from row("History", "assumed: entered without what came before")


def _terms_text(told: Told) -> Iterator[str]:
    terms = told["terms"]
    if terms is None:
        return
    ends = "until a further order" if terms["to"] is None else f"until {terms['to']['said']}"
    yield from row("Order", f"{terms['kind']}, made {terms['made_on']}")
    yield from row("Period", f"from {terms['from']['said']} {ends}")
    yield from row("Served", terms["served_at"] or "NOT ON RECORD")
    yield from row("Version", f"{terms['version']}, since {terms['since']['said']}")
    for condition in terms["conditions"]:
        wording = condition["wording"]
        exact = f'"{wording}"' if wording else f"{condition['title']} (wording not recorded)"
        yield from row(condition["code"], exact)


def _duties(told: Told) -> Iterator[str]:
    for duty in told["duties"]:
        met = "" if duty["met_at"] is None else f", notified {duty['met_at']['said']}"
        days = f"{duty['first_day']} to {duty['last_day']}"
        words = f"{plain(duty['state']).upper()}: {days}, too late from {duty['deadline']['said']}"
        yield from row(plain(duty["kind"]), words + met)


def _findings(told: Told) -> Iterator[str]:
    for finding in told["findings"]:
        recorded = "" if finding["version"] is not None else " (not yet on record)"
        yield from wrapped(f"- {finding['what']}{recorded}", "  ")


def _refusals(told: Told) -> Iterator[str]:
    for each in told["refused"]:
        when = each["recorded_at"]["said"]
        words = f"- {when}, {each['fact']}: {each['code']} ({each['section']}). {each['reason']}"
        yield from wrapped(words, "  ")


def _timeline(told: Told) -> Iterator[str]:
    for each in told["timeline"]:
        later = each["recorded_at"]["said"]
        when = each["occurred_at"]["said"]
        known = "" if later == when else f" (known {later})"
        yield f"  {each['version']:>4}  {when}{known}"
        yield from wrapped(printable(each["what"]), "        ")


_SECTIONS = (
    ("WHERE IT STANDS", _standing),
    ("TERMS", _terms_text),
    ("DUTIES TO NOTIFY", _duties),
    ("FINDINGS STANDING", _findings),
    ("REFUSED", _refusals),
    ("TIMELINE", _timeline),
)
