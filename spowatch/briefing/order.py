"""The briefing's part on the order and on what was done against it: authority and suspicion."""

from collections.abc import Iterator
from typing import Any

from domain.conditions import Condition
from domain.court_orders import CourtOrder, OrderKind, Service, Terms
from domain.events import RecordedEvent
from domain.facts.breaches import AppointmentMissed, BreachReported
from domain.facts.court import (
    FullOrderGranted,
    InterimOrderGranted,
    InterimRenewed,
    InterimVaried,
    OrderRenewed,
    OrderVaried,
)
from domain.facts.service import OrderServed, ServiceCorrected
from domain.findings import BreachRecorded, ConcernRaised, NotificationMissed, OffenceSuspected
from domain.history import Report, incident_of
from spowatch.briefing.case import AlertCase
from spowatch.wording.plain_words import maybe_moment, moment, plain, said_day, span, title

_CHANGES = (OrderVaried, OrderRenewed, InterimVaried, InterimRenewed)
_PARAMETERS = (
    "metres", "around", "area", "at", "persons", "channels", "platforms", "devices", "provider",
    "supervised_by", "hours", "overlaps",
)  # fmt: skip


def authority(case: AlertCase) -> dict[str, Any]:
    """The order as the court made it, and how it stood at the act and stands now."""
    order = case.court_order
    told = {
        "reference": case.order.reference,
        "force": case.order.force,
        "regime": case.order.regime.name,
        "status": case.position.status,
        "in_force_now": case.position.in_force,
        "appeal_pending": case.position.history.appeals_pending > 0,
        "history_assumed": case.order.history_assumed,
        "variations": list(_variations(case)),
        "made": order is not None,
    }
    return told if order is None else told | _as_made(case, order)


def _as_made(case: AlertCase, order: CourtOrder) -> dict[str, Any]:
    terms = order.terms_at(case.at)
    return {
        "kind": str(order.kind),
        "court": _court(case, order),
        "made_on": said_day(order.made_on),
        "in_force_from": moment(order.start),
        "in_force_to": maybe_moment(order.end),
        "last_day": _last_day(order),
        "ended_by": plain(order.cause_of_end) if order.ended_by(case.now) else None,
        "in_force_at_the_act": order.in_force_at(case.at),
        "this_order_in_force_now": order.in_force_at(case.now),
        "service": service(case, order),
        "terms_version": terms.version,
        "terms_since": moment(terms.since),
        "term": term(case.term, terms),
    }


def _last_day(order: CourtOrder) -> str | None:
    """The last day of its own period, where nothing ended it before."""
    if order.last_day is None or order.end != order.period_end:
        return None
    return said_day(order.last_day)


def _court(case: AlertCase, order: CourtOrder) -> str | None:
    for fact in case.order.facts:
        made = fact.event
        if not isinstance(made, FullOrderGranted | InterimOrderGranted) or made.court is None:
            continue
        interim = isinstance(made, InterimOrderGranted)
        if interim is (order.kind is OrderKind.INTERIM):
            return made.court
    application = case.position.history.application
    return None if application is None else application.court


def service(case: AlertCase, order: CourtOrder) -> dict[str, Any]:
    """Whether and how the order had reached the person by the act."""
    served = order.served_by(case.at)
    later = order.service() if served is None else None
    return {
        "served_by_the_act": served is not None,
        "present_when_made": order.defendant_present,
        **_how(case, served or later),
    }


def _how(case: AlertCase, served: Service | None) -> dict[str, Any]:
    if served is None:
        return {"served_at": None, "method": None, "proven": False, "evidence": None}
    return {
        "served_at": moment(served.served_at),
        "known_at": moment(served.known_at),
        "method": None if served.method is None else plain(served.method),
        "proven": served.proven,
        "evidence": _evidence(case, served),
    }


def _evidence(case: AlertCase, served: Service) -> str | None:
    found = None
    for fact in case.order.facts:
        told = fact.event
        if isinstance(told, OrderServed) and fact.envelope.occurred_at == served.served_at:
            found = told.evidence or found
        if isinstance(told, ServiceCorrected) and told.served_at == served.served_at:
            found = told.evidence or found
    return found


def term(condition: Condition | None, terms: Terms) -> dict[str, Any] | None:
    """The term to the letter; the standard title alone where no wording was recorded."""
    if condition is None:
        return None
    given = {name: getattr(condition, name) for name in _PARAMETERS}
    return {
        "code": condition.code,
        "title": condition.type.title,
        "wording": condition.wording,
        "parameters": {
            plain(name): list(value) if isinstance(value, tuple) else value
            for name, value in given.items()
            if value
        },
        "locality": condition.locality if condition.locality_limited else None,
        "exceptions": list(condition.exceptions),
        "last_day": None if condition.period is None else said_day(condition.period.last_day),
        "added_by_variation": condition.code in terms.added,
        "served_as_varied": maybe_moment(terms.served_at),
    }


def _variations(case: AlertCase) -> Iterator[dict[str, Any]]:
    for fact in case.order.facts:
        change = fact.event
        if isinstance(change, _CHANGES):
            yield {
                "what": title(type(change).__name__),
                "at": moment(fact.envelope.occurred_at),
                "adds": [added.code for added in getattr(change, "adds", ())],
                "removes": list(getattr(change, "removes", ())),
                "after_the_act": fact.envelope.occurred_at > case.at,
            }


def breach(case: AlertCase) -> dict[str, Any] | None:
    """The act as reported, and how it was judged."""
    finding, report = case.found.event, case.report
    if report is None or not isinstance(finding, BreachRecorded):
        return None
    return {
        "what": case.term.type.title if case.term is not None else finding.condition,
        "judged": plain(finding.judgement),
        "limit_m": None if case.term is None else case.term.metres,
        "contact_from_custody": finding.contact_from_custody,
        **_reported(case, report),
    }


def _reported(case: AlertCase, report: RecordedEvent[Report]) -> dict[str, Any]:
    return {
        "condition": report.event.condition,
        "occurred_at": moment(report.envelope.occurred_at),
        "reported_at": moment(report.envelope.recorded_at),
        "recorded_at": moment(report.envelope.entered_at),
        "incident": incident_of(report),
        "reported_by": report.envelope.actor,
        **_account(report.event),
        "other_reports": list(_other_reports(case, report)),
    }


def _account(report: Report) -> dict[str, Any]:
    if isinstance(report, AppointmentMissed):
        return {"source": None, "narrative": report.reason_given}
    told = {
        "source": report.source,
        "channel": report.channel,
        "place": report.place,
        "measured_m": report.measured_m,
        "error_m": report.error_m,
        "narrative": report.narrative,
        "initiated_by": report.initiated_by,
        "defendant_aware": report.defendant_aware,
        "markers": [plain(marker) for marker in report.markers],
    }
    for name in ("source", "channel", "initiated_by"):
        told[name] = None if told[name] is None else plain(str(told[name]))
    return told


def _other_reports(case: AlertCase, own: RecordedEvent[Report]) -> Iterator[dict[str, Any]]:
    for report in case.position.history.all_reports():
        if report is own or incident_of(report) != incident_of(own):
            continue
        source = report.event.source if isinstance(report.event, BreachReported) else None
        yield {
            "occurred_at": moment(report.envelope.occurred_at),
            "reported_at": moment(report.envelope.recorded_at),
            "source": None if source is None else plain(source),
            "condition": report.event.condition,
        }


def missed_duty(case: AlertCase) -> dict[str, Any] | None:
    """What was to be notified by when, and how late it is."""
    missed, duty = case.found.event, case.duty
    if not isinstance(missed, NotificationMissed):
        return None
    met_at = None if duty is None or duty.met_by is None else duty.met_by.envelope.occurred_at
    return {
        "kind": plain(missed.duty),
        "judged": plain(missed.judgement),
        "first_day": said_day(missed.first_day),
        "last_day": said_day(missed.last_day),
        "deadline": moment(missed.due_at),
        "late_by": span((met_at or case.now) - missed.due_at),
        "met_late_at": maybe_moment(met_at),
        "state": None if duty is None else plain(duty.state),
    }


def other_matter(case: AlertCase) -> dict[str, Any] | None:
    """What an alert is about that is neither a breach nor a missed notification."""
    finding = case.found.event
    if isinstance(finding, OffenceSuspected):
        return {
            "what": plain(finding.suspicion),
            "first_day": said_day(finding.first_day),
            "since": moment(finding.due_at),
        }
    if isinstance(finding, ConcernRaised):
        report = None if case.report is None else _reported(case, case.report)
        since = moment(case.found.envelope.recorded_at)
        return {"what": plain(finding.concern), "since": since, "report": report}
    return None
