"""Whether a reported act breaks the order, and what an officer may do about it (s.8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.conditions import Condition
from domain.court_orders import CourtOrder, OrderKind
from domain.events import RecordedEvent
from domain.facts.breaches import BreachReported
from domain.findings import BreachJudgement
from domain.history import History, Report, happened, incident_of, known
from domain.places import Jurisdiction, inside, locate
from domain.regimes import Reach
from domain.spells import covering
from domain.taxonomy import Theme


@dataclass(frozen=True, slots=True)
class Breach:
    """A reported act that breaks a term: of which order, and what may be done about it now."""

    judgement: BreachJudgement
    order: CourtOrder
    terms_version: int
    contact_from_custody: bool
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A report against the order: the breach, or the code under which it is none."""

    report: RecordedEvent[Report]
    condition_code: str
    incident: str
    refused_as: str | None = None
    breach: Breach | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a breach on the face of it, so that the order shows as breached."""
        return self.breach is not None and self.breach.judgement not in _NOT_YET_A_BREACH


_NOT_YET_A_BREACH = frozenset(
    {
        BreachJudgement.CONFIRM_LOCATION,
        BreachJudgement.OUTSIDE_UK,
        BreachJudgement.UNSERVED,
    }
)


def judged_reports(history: History) -> list[Judged]:
    """Every report not retracted, judged on what is known now, by when it was recorded."""
    reports = sorted(history.all_reports(), key=known)
    return [
        judge(report, history) for report in reports if incident_of(report) not in history.retracted
    ]


def judge(report: RecordedEvent[Report], history: History) -> Judged:
    """Judge by when it *happened*: the order, the version of its terms and the service then."""
    act, at = _act(report.event, happened(report)), happened(report)
    judged = partial(Judged, report, act.condition, incident_of(report))
    order, condition = _term_at(history, at, act.condition)
    if order is None:
        return judged(refused_as="ORDER_NOT_IN_FORCE_AT_OCCURRENCE")
    if condition is None:
        return judged(refused_as="CONDITION_NOT_IN_FORCE_AT_OCCURRENCE")
    within = _in_locality(condition, act.place)
    if within is False:
        return judged(refused_as="OUTSIDE_LOCALITY")
    case = _Case(history, order, condition, act, at, known(report), within is None)
    return judged(breach=_breach(case))


def _act(fact: Report, at: datetime) -> BreachReported:
    """A missed appointment is judged as a report that says nothing more."""
    if isinstance(fact, BreachReported):
        return fact
    return BreachReported(occurred_at=at, condition=fact.condition)


@dataclass(frozen=True, slots=True)
class _Case:
    history: History
    order: CourtOrder
    condition: Condition
    act: BreachReported
    at: datetime
    reported_at: datetime
    locality_unclear: bool


def _breach(case: _Case) -> Breach:
    judgement = _judgement(case)
    detained = covering(case.history.custody, case.at) is not None
    return Breach(
        judgement,
        case.order,
        case.order.terms_at(case.at).version,
        contact_from_custody=judgement is BreachJudgement.IN_CUSTODY
        and detained
        and case.condition.type.theme is Theme.CONTACT,
        doubts=tuple(_doubts(case)),
    )


def _term_at(
    history: History, at: datetime, code: str
) -> tuple[CourtOrder | None, Condition | None]:
    """The order in force at `at` and its term; of several orders, the one that holds the term."""
    in_force = [order for order in history.orders if order.in_force_at(at)]
    if history.regime.awareness_excuses:
        in_force += [dapo for dapo in history.dapos if dapo.in_force_at(at)]
    for order in reversed(in_force):
        condition = order.condition_at(code, at)
        if condition is not None:
            return order, condition
    return (in_force[-1] if in_force else None), None


def _in_locality(condition: Condition, place: str | None) -> bool | None:
    """Whether the act was where the term binds; None when that cannot be told."""
    if not condition.locality_limited or condition.locality is None:
        return True
    return None if place is None else inside(place, condition.locality)


def _judgement(case: _Case) -> BreachJudgement:
    for question, answer in _QUESTIONS:
        if question(case):
            return answer
    if case.condition.type.is_requirement:
        return BreachJudgement.REQUIREMENT
    return BreachJudgement.ARREST


def _outside_uk(case: _Case) -> bool:
    if case.history.regime.reach is Reach.UK_AND_RESIDENTS_ABROAD and case.order.resident_ni:
        return False
    if case.act.place is not None:
        return locate(case.act.place).jurisdiction is Jurisdiction.OUTSIDE_UK
    return covering(case.history.abroad, case.at) is not None


def _cross_border(case: _Case) -> bool:
    """The order has effect UK-wide, the offence extends to England and Wales (ss.2(4), 15(1)).

    The Northern Ireland Act reaches the whole UK.
    """
    if case.history.regime.reach is not Reach.UK or case.act.place is None:
        return False
    where = locate(case.act.place).jurisdiction
    return where in (Jurisdiction.SCOTLAND, Jurisdiction.NORTHERN_IRELAND)


def _historic(case: _Case) -> bool:
    return case.order.ended_by(case.reported_at)


def _unserved(case: _Case) -> bool:
    """Not served and not shown to know of the term: lack of knowledge goes to excuse (s.8(1))."""
    aware = case.act.defendant_aware
    if aware is not None and (aware or case.history.regime.awareness_excuses):
        return not aware
    order, terms = case.order, case.order.terms_at(case.at)
    if case.condition.code in terms.added and not terms.known_to_defendant:
        return terms.served_at is None or terms.served_at > case.at
    if order.defendant_present or _heard_of_dapo(order):
        return False
    service = order.served_by(case.at)
    return service is None or not service.proven


def _heard_of_dapo(order: CourtOrder) -> bool:
    return order.kind is OrderKind.DAPO and not order.without_notice


def _location_unclear(case: _Case) -> bool:
    if case.locality_unclear:
        return True
    if case.act.measured_m is None or case.condition.metres is None:
        return False
    return case.act.measured_m + (case.act.error_m or 0) >= case.condition.metres


def _cannot_be_arrested_at_large(case: _Case) -> bool:
    """In custody or detained when it was reported: nobody goes out to arrest."""
    return _detained(case, case.reported_at)


def _in_custody_elsewhere(case: _Case) -> bool:
    """Said to be out and about while in custody or detained: somebody is mistaken."""
    return _detained(case, case.at) and case.condition.type.theme is Theme.PROXIMITY


def _detained(case: _Case, at: datetime) -> bool:
    history = case.history
    return (covering(history.custody, at) or covering(history.hospital, at)) is not None


_QUESTIONS = (
    (_outside_uk, BreachJudgement.OUTSIDE_UK),
    (_cross_border, BreachJudgement.CROSS_BORDER),
    (_historic, BreachJudgement.HISTORIC),
    (_unserved, BreachJudgement.UNSERVED),
    (_location_unclear, BreachJudgement.CONFIRM_LOCATION),
    (_cannot_be_arrested_at_large, BreachJudgement.IN_CUSTODY),
    (_in_custody_elsewhere, BreachJudgement.CONFIRM_LOCATION),
)


def _doubts(case: _Case) -> Iterator[str]:
    if case.act.place is not None and not locate(case.act.place).confirmed:
        yield "place_unconfirmed"
    if case.act.measured_m is not None and case.act.error_m is None:
        yield "position_error_not_stated"
    if case.act.initiated_by == "protected_person":
        yield "contact_began_by_protected_person"
    if case.order.service() is None:
        yield "service_not_recorded"
    if covering(case.history.custody, case.at) is not None:
        yield "in_custody_at_the_time"
    if covering(case.history.hospital, case.at) is not None:
        yield "in_hospital_at_the_time"
