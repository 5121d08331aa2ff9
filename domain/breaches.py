"""Whether a reported act breaks the order, and what an officer may do about it (s.8)."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.conditions import Condition
from domain.court_orders import CourtOrder, OrderKind
from domain.events import RecordedEvent
from domain.facts.breaches import AppointmentMissed, BreachReported
from domain.findings import BreachJudgement
from domain.history import History, happened, incident_of, known
from domain.places import Jurisdiction, inside, locate
from domain.regimes import Reach
from domain.spells import covering
from domain.taxonomy import Theme


@dataclass(frozen=True, slots=True)
class Judged:
    """A report against the order: the judgement, or the code under which it is no breach."""

    report: RecordedEvent
    condition_code: str
    incident: str
    refused_as: str | None = None
    judgement: BreachJudgement | None = None
    order: CourtOrder | None = None
    made_on: date | None = None
    terms_version: int = 0
    contact_from_custody: bool = False
    doubts: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is a breach on the face of it, so that the order shows as breached."""
        return self.judgement is not None and self.judgement not in _NOT_YET_A_BREACH


_NOT_YET_A_BREACH = frozenset(
    {
        BreachJudgement.CONFIRM_LOCATION,
        BreachJudgement.OUTSIDE_UK,
        BreachJudgement.UNSERVED,
    }
)


def judged_reports(history: History) -> list[Judged]:
    """Every report not retracted, judged on what is known now, by when it was recorded."""
    reports = sorted((*history.reports, *history.appointments), key=known)
    return [
        judge(report, history) for report in reports if incident_of(report) not in history.retracted
    ]


def judge(report: RecordedEvent, history: History) -> Judged:
    """Judge by when it *happened*: the order, the version of its terms and the service then."""
    at, fact = happened(report), report.event
    assert isinstance(fact, BreachReported | AppointmentMissed)
    code, incident = fact.condition, incident_of(report)
    order = _order_at(history, at, code)
    if order is None:
        return Judged(report, code, incident, refused_as="ORDER_NOT_IN_FORCE_AT_OCCURRENCE")
    condition = order.condition_at(code, at)
    if condition is None:
        return Judged(report, code, incident, refused_as="CONDITION_NOT_IN_FORCE_AT_OCCURRENCE")
    place = getattr(fact, "place", None)
    within = _in_locality(condition, place)
    if within is False:
        return Judged(report, code, incident, refused_as="OUTSIDE_LOCALITY")
    case = _Case(history, order, condition, report, at, locality_unclear=within is None)
    judgement = _judgement(case)
    return Judged(
        report,
        code,
        incident,
        judgement=judgement,
        order=order,
        made_on=order.made_on,
        terms_version=order.terms_at(at).version,
        contact_from_custody=judgement is BreachJudgement.IN_CUSTODY and case.contact_from_custody,
        doubts=tuple(_doubts(case)),
    )


@dataclass(frozen=True, slots=True)
class _Case:
    history: History
    order: CourtOrder
    condition: Condition
    report: RecordedEvent
    at: datetime
    locality_unclear: bool

    @property
    def place(self) -> str | None:
        return getattr(self.report.event, "place", None)

    @property
    def contact_from_custody(self) -> bool:
        inside_then = covering(self.history.custody, self.at) is not None
        return inside_then and self.condition.type.theme is Theme.CONTACT


def _order_at(history: History, at: datetime, code: str) -> CourtOrder | None:
    """The order in force at `at`; of several, the one that holds the term."""
    in_force = [o for o in (*history.orders, *history.dapos) if o.in_force_at(at)]
    if history.regime.awareness_excuses is False:
        in_force = [o for o in in_force if o.kind is not OrderKind.DAPO]
    holding = [o for o in in_force if o.condition_at(code, at) is not None]
    return next(iter((holding or in_force)[::-1]), None)


def _in_locality(condition: Condition, place: str | None) -> bool | None:
    if not condition.locality_limited or not condition.locality or place is None:
        return True
    return inside(place, condition.locality)


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
    if case.place is not None:
        return locate(case.place).jurisdiction is Jurisdiction.OUTSIDE_UK
    return covering(case.history.abroad, case.at) is not None


def _cross_border(case: _Case) -> bool:
    """In Scotland or Northern Ireland the order has effect, but the Act's offence extends to
    England and Wales only (ss.2(4), 15(1)); the Northern Ireland Act reaches the whole UK.
    """
    if case.history.regime.reach is not Reach.UK or case.place is None:
        return False
    where = locate(case.place).jurisdiction
    return where in (Jurisdiction.SCOTLAND, Jurisdiction.NORTHERN_IRELAND)


def _historic(case: _Case) -> bool:
    return case.order.ended_by(known(case.report))


def _unserved(case: _Case) -> bool:
    """Not served and not shown to know of the term: lack of knowledge goes to excuse (s.8(1))."""
    aware: bool | None = getattr(case.report.event, "defendant_aware", None)
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
    measured: float | None = getattr(case.report.event, "measured_m", None)
    if measured is None or case.condition.metres is None:
        return False
    error: float = getattr(case.report.event, "error_m", None) or 0.0
    return measured + error >= case.condition.metres


def _cannot_be_arrested_at_large(case: _Case) -> bool:
    """In custody or detained when it was reported: nobody goes out to arrest."""
    reported = known(case.report)
    return any(
        covering(spells, reported) is not None
        for spells in (case.history.custody, case.history.hospital)
    )


def _in_custody_elsewhere(case: _Case) -> bool:
    """Said to be out and about while in custody or detained: somebody is mistaken."""
    detained = covering(case.history.custody, case.at) or covering(case.history.hospital, case.at)
    return detained is not None and case.condition.type.theme is Theme.PROXIMITY


_QUESTIONS = (
    (_outside_uk, BreachJudgement.OUTSIDE_UK),
    (_cross_border, BreachJudgement.CROSS_BORDER),
    (_historic, BreachJudgement.HISTORIC),
    (_unserved, BreachJudgement.UNSERVED),
    (_location_unclear, BreachJudgement.CONFIRM_LOCATION),
    (_cannot_be_arrested_at_large, BreachJudgement.IN_CUSTODY),
    (_in_custody_elsewhere, BreachJudgement.CONFIRM_LOCATION),
)


def _doubts(case: _Case) -> list[str]:
    fact, doubts = case.report.event, []
    if case.place is not None and not locate(case.place).confirmed:
        doubts.append("place_unconfirmed")
    if getattr(fact, "measured_m", None) is not None and getattr(fact, "error_m", None) is None:
        doubts.append("position_error_not_stated")
    if getattr(fact, "initiated_by", None) == "protected_person":
        doubts.append("contact_began_by_protected_person")
    if case.order.service() is None:
        doubts.append("service_not_recorded")
    if covering(case.history.custody, case.at) is not None:
        doubts.append("in_custody_at_the_time")
    if covering(case.history.hospital, case.at) is not None:
        doubts.append("in_hospital_at_the_time")
    return doubts
