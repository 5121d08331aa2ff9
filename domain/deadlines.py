"""Every instant that is pending for an order, with the provision it comes from."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from domain.calendar import start_of
from domain.court_orders import OrderKind
from domain.findings import Concern, DutyKind
from domain.notification import DutyState
from domain.position import Position


class DeadlineKind(StrEnum):
    """What happens at the instant."""

    INITIAL_NOTIFICATION = "initial_notification"
    FINAL_DAY_NOTIFICATION = "final_day_notification"
    NAME_NOTIFICATION = "name_notification"
    ADDRESS_NOTIFICATION = "address_notification"
    LOST_HOME_NOTIFICATION = "lost_home_notification"
    DAPO_NOTIFICATION = "dapo_notification"
    INTERIM_END = "interim_end"
    ORDER_END = "order_end"
    DAPO_END = "dapo_end"
    EXPIRY_WARNING = "expiry_warning"
    UNSERVED = "unserved"
    HEARING = "hearing"
    APPOINTMENT = "appointment"
    APPOINTMENT_UNCONFIRMED = "appointment_unconfirmed"
    REVIEW = "review"
    REJUDGEMENT = "rejudgement"
    ALERT_ESCALATION = "alert_escalation"
    ALERT_LEASE = "alert_lease"
    PROTECTED_PERSON_TOLD = "protected_person_told"
    TRANSFER_ANSWER = "transfer_answer"
    GLASS_REVIEW = "glass_review"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A pending instant: what it is, what it is about, when it comes, and why in law."""

    kind: DeadlineKind
    about: str
    due_at: datetime
    basis: str


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is pending for an order as of a version of it, and how urgent it is among others."""

    version: int
    urgency: int
    deadlines: Sequence[Deadline]


@dataclass(frozen=True, slots=True)
class Due:
    """An order whose time has come, and the version its instant was worked out from."""

    order_id: UUID
    due_at: datetime
    version: int


_DUTY = MappingProxyType(
    {
        DutyKind.INITIAL: (DeadlineKind.INITIAL_NOTIFICATION, "SPA 2019 s.9(1)"),
        DutyKind.NAME: (DeadlineKind.NAME_NOTIFICATION, "SPA 2019 s.9(3)"),
        DutyKind.ADDRESS: (DeadlineKind.ADDRESS_NOTIFICATION, "SPA 2019 s.9(4)"),
        DutyKind.CEASED_HOME: (DeadlineKind.LOST_HOME_NOTIFICATION, "DA 2021 s.41(6)"),
        DutyKind.DAPO_INITIAL: (DeadlineKind.DAPO_NOTIFICATION, "DA 2021 s.41(9)"),
    }
)
_END = MappingProxyType(
    {
        OrderKind.INTERIM: (DeadlineKind.INTERIM_END, "SPA 2019 s.5(6)"),
        OrderKind.FULL: (DeadlineKind.ORDER_END, "SPA 2019 s.3"),
        OrderKind.DAPO: (DeadlineKind.DAPO_END, "DA 2021 s.38"),
    }
)
_FINAL_DAY = (DeadlineKind.FINAL_DAY_NOTIFICATION, "SPA 2019 s.9(6), (7)")
_CONCERN = MappingProxyType(
    {
        Concern.APPOINTMENT_UNCONFIRMED: (DeadlineKind.APPOINTMENT_UNCONFIRMED, "force policy"),
        Concern.REVIEW_DUE: (DeadlineKind.REVIEW, "APP information management"),
        Concern.EXPIRY_APPROACHES: (DeadlineKind.EXPIRY_WARNING, "force policy"),
        Concern.ORDER_UNSERVED: (DeadlineKind.UNSERVED, "force policy; SPA 2019 s.9(1)"),
    }
)
"""Concerns with an instant of their own; the others come with an order's end or with a fact."""


def pending(position: Position) -> list[Deadline]:
    """The instants to come, soonest first. A person who died has none."""
    if position.history.died_at is not None:
        return []
    found = {*_duties(position), *_ends(position), *_warnings(position), *_listed(position)}
    found |= set(_rejudgement(position, {deadline.due_at for deadline in found}))
    return sorted(found, key=lambda deadline: (deadline.due_at, deadline.kind, deadline.about))


def _duties(position: Position) -> Iterator[Deadline]:
    for duty in position.duties:
        if duty.state is DutyState.OPEN:
            kind, basis = _FINAL_DAY if duty.from_final_day else _DUTY[duty.kind]
            about = f"{duty.cause}:{duty.window.first_day}"
            yield Deadline(kind, about, duty.window.deadline, basis)


def _ends(position: Position) -> Iterator[Deadline]:
    for order in (*position.history.orders, *position.history.dapos):
        if order.end is not None and order.end > position.now:
            kind, basis = _END[order.kind]
            yield Deadline(kind, order.name, order.end, basis)


def _warnings(position: Position) -> Iterator[Deadline]:
    for raised in position.concerns:
        if raised.since > position.now and raised.concern in _CONCERN:
            kind, basis = _CONCERN[raised.concern]
            yield Deadline(kind, raised.about, raised.since, basis)


def _listed(position: Position) -> Iterator[Deadline]:
    day = position.history.hearing_on
    if day is not None and start_of(day) > position.now:
        yield Deadline(DeadlineKind.HEARING, "application", start_of(day), "MCA 1980 s.54")
    for listed in position.history.appointments_listed:
        if listed.event.attend_at > position.now:
            term, instant = listed.event.condition, listed.event.attend_at
            yield Deadline(DeadlineKind.APPOINTMENT, term, instant, "SPA 2019 s.2(2)")


def _rejudgement(position: Position, listed: Collection[datetime]) -> Iterator[Deadline]:
    """No instant that changes a conclusion goes without a row: a sweep starts from the rows."""
    change = position.next_change
    if change is not None and change not in listed:
        yield Deadline(DeadlineKind.REJUDGEMENT, "order", change, "the register's own")


_HIGH_RISK = frozenset({"high", "very_high"})


def urgency(position: Position) -> int:
    """Which of several orders due together is told first: 0 before 1.

    A subject assessed as high risk, or who has broken the order before, comes first.
    """
    applied = position.history.application
    defendant = applied.defendant if applied is not None else None
    high = defendant is not None and defendant.risk in _HIGH_RISK
    return 0 if high or any(item.counts for item in position.judged) else 1
