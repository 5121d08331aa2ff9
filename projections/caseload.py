"""The caseload: one row an order, with what its offender manager has to chase, and nobody's name."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.events import earliest
from domain.findings import BreachRecorded, Concern, ConcernRaised, Finding
from domain.history import History, happened
from domain.notification import DutyState
from domain.orders import StalkingProtectionOrder
from domain.receipts import receipts
from domain.standing import standing
from projections import compliance
from projections.columns import table_of
from projections.compliance import Owed, owed, packed, unpacked
from projections.order_sheet import OrderSheet
from projections.reading import every
from projections.sheet import Reading, Table, Value
from projections.store import SheetStore

_VERSION = 1


@dataclass(frozen=True, slots=True)
class CaseRow:
    """Where a case stands as of `known_until`; it holds until `until` unless more is told."""

    order_id: UUID
    opened: int | None
    version: int
    known_until: datetime
    until: datetime | None
    reference: str
    force: str
    officer: str | None
    subject_id: UUID | None
    status: str
    in_force: str | None
    facets: str
    last_day: date | None
    duties: str
    attempts_not_valid: str
    next_deadline: datetime | None
    breaches: int
    last_breach_at: datetime | None
    home_notified_at: datetime | None
    home_seen_at: datetime | None
    visited_at: datetime | None
    visit: str | None
    appointment_at: datetime | None
    appointment: str | None
    unconfirmed: int
    review_on: date | None
    review_due: int

    @property
    def owed(self) -> tuple[Owed, ...]:
        return unpacked(self.duties)

    @property
    def invalid(self) -> tuple[str, ...]:
        """Why each attempt to notify does not count; kept as information, never as compliance."""
        return tuple(json.loads(self.attempts_not_valid))

    @property
    def unverified(self) -> bool:
        """Whether nobody has seen the person at the home they notified, while an order binds them."""
        return bool(self.in_force and self.home_notified_at) and self.home_seen_at is None

    def holds_at(self, now: datetime) -> bool:
        return self.until is None or now < self.until


def row_of(order: StalkingProtectionOrder, opened: int | None, now: datetime) -> CaseRow:
    stands = standing(order, now)
    position = order.position(now)
    history = position.history
    duties = list(owed(position))
    home, seen = _home(history)
    visited_at, result = _last_visit(history)
    coming = min(_appointments(history, now), default=(None, None))
    latest = position.latest_order
    broken = _breaches(order, position.findings)
    return CaseRow(
        order_id=order.id,
        opened=opened,
        version=order.version,
        known_until=now,
        until=earliest(stands.until, coming[0]),
        reference=order.reference,
        force=order.force,
        officer=history.officer,
        subject_id=order.subject_id,
        status=stands.status,
        in_force=stands.in_force,
        facets=json.dumps(stands.facets),
        last_day=None if latest is None else latest.last_day,
        duties=packed(duties),
        attempts_not_valid=_not_valid(history),
        next_deadline=earliest(*(d.deadline for d in duties if d.state is DutyState.OPEN)),
        breaches=len(broken),
        last_breach_at=max(broken, default=None),
        home_notified_at=home,
        home_seen_at=seen,
        visited_at=visited_at,
        visit=result,
        appointment_at=coming[0],
        appointment=coming[1],
        unconfirmed=_concerned(position.findings, Concern.APPOINTMENT_UNCONFIRMED),
        review_on=None if history.review is None else history.review.event.on,
        review_due=_concerned(position.findings, Concern.REVIEW_DUE),
    )


def _not_valid(history: History) -> str:
    return json.dumps([each.refused_as for each in receipts(history) if each.refused_as])


def _last_visit(history: History) -> tuple[datetime | None, str | None]:
    last = max(history.visits, key=happened, default=None)
    return (None, None) if last is None else (happened(last), last.event.result)


def _home(history: History) -> tuple[datetime | None, datetime | None]:
    """When the home was notified last, and when an officer saw the person there since."""
    given = [
        happened(receipt.recorded)
        for receipt in receipts(history)
        if receipt.refused_as is None and receipt.fact.home_address is not None
    ]
    notified = max(given, default=None)
    if notified is None:
        return None, None
    seen = [happened(v) for v in history.visits if v.event.result == "seen"]
    return notified, max((at for at in seen if at > notified), default=None)


def _appointments(history: History, now: datetime) -> Iterator[tuple[datetime, str]]:
    for listed in history.appointments_listed:
        if listed.event.attend_at > now:
            yield listed.event.attend_at, listed.event.condition


def _breaches(order: StalkingProtectionOrder, findings: Collection[Finding]) -> list[datetime]:
    """When each breach that stands happened, one an incident."""
    happened_at = {fact.originator_version: happened(fact) for fact in order.facts}
    return [happened_at[f.report_version] for f in findings if isinstance(f, BreachRecorded)]


def _concerned(findings: Collection[Finding], concern: Concern) -> int:
    return sum(isinstance(each, ConcernRaised) and each.concern is concern for each in findings)


def table() -> Table:
    found_by = ("force", "officer", "subject_id")
    return table_of("caseload", _VERSION, CaseRow, __file__, compliance.__file__, found_by=found_by)


def caseload(read: Reading) -> OrderSheet:
    return OrderSheet(table(), row_of, read)


def case_rows(
    sheet: SheetStore, *, force: str | None = None, officer: str | None = None
) -> Iterator[CaseRow]:
    """The cases of that force and that officer, or all, in the order the orders were opened."""
    asked: dict[str, Value] = {"force": force, "officer": officer}
    only = {name: value for name, value in asked.items() if value is not None}
    return (CaseRow(*row) for row in every(sheet, only))  # type: ignore[arg-type]  # the columns are the fields
