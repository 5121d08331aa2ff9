"""The caseload: one row an order, with what its offender manager has to chase, and nobody's name."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.events import earliest
from domain.findings import BreachRecorded, Concern, ConcernRaised, Finding
from domain.history import History, happened
from domain.notification import DutyState
from domain.orders import StalkingProtectionOrder
from domain.position import Position
from domain.receipts import receipts
from domain.standing import Standing, standing
from projections import compliance
from projections.columns import table_of
from projections.compliance import Compliance, Owed, owed, packed, unpacked
from projections.order_sheet import OrderSheet
from projections.reading import every
from projections.sheet import Reading, Table, Value
from projections.store import SheetStore

_VERSION = 2


class Chase(StrEnum):
    """What of a case somebody has to do something about; the clock alone changes none of it.

    `DUE`: the three days of a notification are running. What becomes overdue a sweep puts on record.
    """

    OVERDUE = "overdue"
    DUE = "due"
    UNSERVED = "unserved"
    DISPUTED = "disputed"
    UNVERIFIED = "unverified"
    RECEIPT_OWED = "receipt_owed"
    UNCONFIRMED = "unconfirmed"
    REVIEW_DUE = "review_due"


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
    queues: str | None
    """What is to be chased, with commas; empty when nothing is, None when the case is over."""
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
    def chased(self) -> tuple[str, ...]:
        return tuple(self.queues.split(",")) if self.queues else ()

    @property
    def invalid(self) -> tuple[str, ...]:
        """Why each attempt to notify does not count; kept as information, never as compliance."""
        return tuple(json.loads(self.attempts_not_valid))

    def holds_at(self, now: datetime) -> bool:
        return self.until is None or now < self.until


def row_of(order: StalkingProtectionOrder, opened: int | None, now: datetime) -> CaseRow:
    stands, position = standing(order, now), order.position(now)
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
        queues=_queues(position, stands, duties, unseen=bool(home) and not seen),
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


def _queues(
    position: Position, stands: Standing, duties: Collection[Owed], *, unseen: bool
) -> str | None:
    """`position` is as of when it was last told; `unseen`: nobody saw the person at home."""
    states = {duty.compliance(position.now) for duty in duties}
    concerned = {f.concern for f in position.findings if isinstance(f, ConcernRaised)}
    bound = stands.in_force is not None
    stands_in = {
        # Once no order binds the person, what was missed can only be prosecuted, and is an alert.
        Chase.OVERDUE: bound and Compliance.OVERDUE in states,
        Chase.DUE: bool(states & {Compliance.DUE, Compliance.DUE_SOON}),
        Chase.UNSERVED: "unserved" in stands.facets,
        Chase.DISPUTED: Compliance.DISPUTED in states,
        Chase.UNVERIFIED: bound and unseen,
        Chase.RECEIPT_OWED: any(duty.receipt_owed for duty in duties),
        Chase.UNCONFIRMED: Concern.APPOINTMENT_UNCONFIRMED in concerned,
        Chase.REVIEW_DUE: Concern.REVIEW_DUE in concerned,
    }
    told = ",".join(chase for chase, holds in stands_in.items() if holds)
    live = bound or position.history.application_pending_at(position.now)
    return told if told or live else None


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
    return table_of(
        "caseload",
        _VERSION,
        CaseRow,
        __file__,
        compliance.__file__,
        found_by=("subject_id",),
        tallied_by=(("force", "queues"), ("officer", "queues")),
        walled_by=("force",),
    )


def caseload(read: Reading) -> OrderSheet:
    return OrderSheet(table(), row_of, read)


def case_rows(
    sheet: SheetStore, only: Mapping[str, Value], *, at_once: int = 1000
) -> Iterator[CaseRow]:
    """The cases that hold these values, in the order the orders were opened."""
    found = every(sheet, only, at_once=at_once)
    return (CaseRow(*row) for row in found)  # type: ignore[arg-type]  # the columns are the fields
