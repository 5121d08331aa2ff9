"""The position in law: what the facts known at a moment make of an order at that moment.

`position_of` is a pure function. The register records its findings, the screens show its words, and
`what-if` answers with it; there is no second implementation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from domain.breaches import Breach, Judged, judged_reports
from domain.calendar import legal_day
from domain.concerns import Circumstances, Raised, concerns
from domain.conditions import Condition
from domain.court_orders import CourtOrder, EndCause, OrderKind
from domain.events import RecordedEvent, earliest
from domain.findings import (
    BreachJudgement,
    BreachRecorded,
    Concern,
    ConcernRaised,
    Finding,
    MissJudgement,
    NotificationMissed,
    OffenceSuspected,
    PeriodExpired,
    Suspicion,
)
from domain.history import History, happened, known
from domain.notification import Duty, DutyState, duties
from domain.receipts import valid
from domain.regimes import ClockStart
from domain.spells import covering
from domain.status import status_of
from domain.taxonomy import Theme


@dataclass(slots=True)
class Position:
    """Where an order stands at `now`, on the facts known by then."""

    now: datetime
    history: History
    order: CourtOrder | None
    duties: list[Duty]
    judged: list[Judged]
    concerns: list[Raised]
    """Every concern there is or will be by the passing of time; `findings` has those that stand."""
    findings: list[Finding]
    next_change: datetime | None
    """When time alone will next change a finding or a state; None when it never will."""

    @property
    def in_force(self) -> str | None:
        """`interim`, `full`, or None: the legal effect, apart from the milestone in `status`."""
        if self.order is None:
            return None
        return "interim" if self.order.kind is OrderKind.INTERIM else "full"

    @property
    def status(self) -> str:
        """The milestone that people see."""
        return status_of(self.history, self.judged, self.now)

    @property
    def facets(self) -> list[str]:
        return _facets(self)

    @property
    def warnings(self) -> list[str]:
        """What the person entering the order should think about; never a bar."""
        terms = [t for order in self.history.orders for v in order.terms for t in v.conditions]
        return sorted({warning for term in terms for warning in _term_warnings(term)})

    @property
    def latest_order(self) -> CourtOrder | None:
        return self.order or next(reversed((*self.history.dapos, *self.history.orders)), None)


def position_of(history: History, now: datetime) -> Position:
    """The position at `now` on facts that were all known by `now`."""
    due = duties(history, now)
    owed = [duty for duty in due if duty.bound_from <= now]
    judged = judged_reports(history)
    raised = list(concerns(Circumstances(history, owed, judged)))
    candidates = [
        *_breaches(judged),
        *_missed(owed),
        *_suspicions(history),
        *_expired(history),
        *_concerns(raised),
    ]
    standing, next_change = _at(now, candidates)
    next_change = earliest(next_change, *_instants(history, due, now))
    dead = history.died_at is not None
    return Position(
        now=now,
        history=history,
        order=_in_force(history, now),
        duties=owed,
        judged=judged,
        concerns=raised,
        findings=[each for each in standing if isinstance(each, PeriodExpired)]
        if dead
        else standing,
        next_change=None if dead else next_change,
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A finding that stands from `since` until `until`; made only when it stands."""

    since: datetime
    until: datetime | None
    finding: Callable[[], Finding]


def _at(now: datetime, candidates: list[_Candidate]) -> tuple[list[Finding], datetime | None]:
    standing, later = [], []
    for candidate in candidates:
        if candidate.since > now:
            later.append(candidate.since)
        elif candidate.until is None or now < candidate.until:
            standing.append(candidate.finding())
            later += [candidate.until] if candidate.until is not None else []
    return standing, min(later, default=None)


def _instants(history: History, due: list[Duty], now: datetime) -> Iterator[datetime]:
    """Instants at which a state changes though no finding waits for it."""
    for order in (*history.orders, *history.dapos):
        if order.end is not None and order.end > now:
            yield order.end
    for duty in due:
        if duty.state is DutyState.OPEN:
            yield duty.bound_from if duty.bound_from > now else duty.window.deadline


def _in_force(history: History, now: datetime) -> CourtOrder | None:
    order = history.order_at(now)
    if order is None and history.regime.clock_start is ClockStart.MADE:
        return next((dapo for dapo in history.dapos if dapo.in_force_at(now)), None)
    return order


_WEIGHTIEST_FIRST = (
    BreachJudgement.ARREST,
    BreachJudgement.IN_CUSTODY,
    BreachJudgement.REQUIREMENT,
    BreachJudgement.CROSS_BORDER,
    BreachJudgement.HISTORIC,
    BreachJudgement.CONFIRM_LOCATION,
    BreachJudgement.UNSERVED,
    BreachJudgement.OUTSIDE_UK,
)
_WEIGHT = {judgement: -place for place, judgement in enumerate(_WEIGHTIEST_FIRST)}
"""Of several reports of one incident the weightiest speaks for it: one incident, one alert."""


def _breaches(judged: list[Judged]) -> Iterator[_Candidate]:
    by_incident: dict[str, tuple[Judged, Breach]] = {}
    for item in judged:
        if item.breach is None:
            continue
        current = by_incident.get(item.incident)
        if current is None or _WEIGHT[item.breach.judgement] > _WEIGHT[current[1].judgement]:
            by_incident[item.incident] = item, item.breach
    for item, breach in by_incident.values():
        yield _Candidate(known(item.report), None, partial(_breach_recorded, item, breach))


def _breach_recorded(item: Judged, breach: Breach) -> BreachRecorded:
    return BreachRecorded(
        key=f"breach:{item.incident}",
        due_at=known(item.report),
        judgement=breach.judgement,
        incident=item.incident,
        condition=item.condition_code,
        report_version=item.report.originator_version,
        order_kind=breach.order.kind,
        made_on=breach.order.made_on,
        terms_version=breach.terms_version,
        contact_from_custody=breach.contact_from_custody,
        doubts=breach.doubts,
    )


def _missed(owed: list[Duty]) -> Iterator[_Candidate]:
    for duty in owed:
        if not duty.missed:
            continue
        since = max(duty.window.deadline, duty.known_at)
        yield _Candidate(since, None, partial(_notification_missed, duty))


def _notification_missed(duty: Duty) -> NotificationMissed:
    return NotificationMissed(
        key=f"missed:{duty.kind}:{duty.cause}:{duty.window.first_day}",
        due_at=duty.window.deadline,
        judgement=miss_judgement(duty),
        duty=duty.kind,
        first_day=duty.window.first_day,
        last_day=duty.window.last_day,
        doubts=tuple(duty.doubts),
    )


def miss_judgement(duty: Duty) -> MissJudgement:
    """An arrest, unless something on record says a person must look first."""
    for doubt, judgement in _FIRST_DOUBT:
        if doubt in duty.doubts:
            return judgement
    return MissJudgement.ARREST


_FIRST_DOUBT = (
    ("other_regime", MissJudgement.OTHER_REGIME),
    ("late_recording", MissJudgement.LATE_RECORDING),
    ("service_proof", MissJudgement.SERVICE_PROOF),
    ("custody", MissJudgement.EXCUSE),
    ("hospital", MissJudgement.EXCUSE),
    ("abroad", MissJudgement.EXCUSE),
)


def _suspicions(history: History) -> Iterator[_Candidate]:
    for refusal in history.biometrics_refusals:
        day = legal_day(happened(refusal))
        yield _suspected(refusal, Suspicion.BIOMETRICS_REFUSED, day)
    for found in history.found_false:
        if found.event.knowledge == "known_false":
            given = [item for item in valid(history) if happened(item) <= happened(found)]
            if given:
                first_day = legal_day(happened(given[-1]))
                yield _suspected(found, Suspicion.FALSE_NOTIFICATION, first_day)


def _suspected(cause: RecordedEvent, suspicion: Suspicion, first_day: date) -> _Candidate:
    finding = partial(
        OffenceSuspected,
        key=f"{suspicion}:fact-{cause.originator_version}",
        due_at=known(cause),
        suspicion=suspicion,
        first_day=first_day,
    )
    return _Candidate(known(cause), None, finding)


def _expired(history: History) -> Iterator[_Candidate]:
    for order in (*history.orders, *history.dapos):
        if order.end is not None and order.cause_of_end is EndCause.EXPIRED:
            yield _Candidate(order.end, None, partial(_period_expired, order, order.end))


def _period_expired(order: CourtOrder, end: datetime) -> PeriodExpired:
    return PeriodExpired(
        key=f"expired:{order.name}", due_at=end, order_kind=order.kind, made_on=order.made_on
    )


def _concerns(raised: list[Raised]) -> Iterator[_Candidate]:
    for each in raised:
        yield _Candidate(each.since, each.until, partial(_concern_raised, each))


def _concern_raised(raised: Raised) -> ConcernRaised:
    return ConcernRaised(
        key=f"{raised.concern}:{raised.about}",
        due_at=raised.due_at or raised.since,
        concern=raised.concern,
    )


def _facets(position: Position) -> list[str]:
    """What is so beside the milestone, by name."""
    history, order, now = position.history, position.order, position.now
    breached = len({item.incident for item in position.judged if item.counts})
    unserved = order is not None and not order.services and order.defendant_present is False
    concerned = {f.concern for f in position.findings if isinstance(f, ConcernRaised)}
    facets = {
        "under_appeal": history.appeals_pending > 0,
        f"breached({breached})": breached > 0,
        "unserved": unserved,
        "notification_overdue": any(duty.state is DutyState.MISSED for duty in position.duties),
        "soa_exempt": covering(history.soa, now) is not None,
        "in_custody": covering(history.custody, now) is not None,
        "cross_border": Concern.CROSS_BORDER_SUBJECT in concerned,
        "child": history.child,
        "replaces_interim": order is not None and order.replaces_interim,
    }
    return [facet for facet, holds_now in facets.items() if holds_now]


def _term_warnings(term: Condition) -> Iterator[str]:
    if term.overlaps:
        yield "RELIGION_WORK_EDUCATION_CLASH"
    if term.type.theme is Theme.NO_STATUTORY_SCHEME:
        yield "NO_STATUTORY_SCHEME"
