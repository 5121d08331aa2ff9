"""The order register: one row an order, with where it stands, its dates, and what was counted."""

import json
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import StoredEvent

import domain
from domain.calendar import clock_rules
from domain.commands import CommandAnswered
from domain.court_orders import CourtOrder
from domain.findings import BreachRecorded, NotificationMissed
from domain.lateness import SweptLate
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.parked import EventParked, EventRedriven
from domain.sheet_audits import SheetAudited
from domain.standing import Standing, standing
from domain.subjects import OrderLinked
from domain.unread import MessageUnread
from projections.arrest_board import ALERT_TOPICS
from projections.sheet import Column, Kind, Reading, Row, Table, hash_of

_VERSION = 1
_OF_NO_ORDER = ALERT_TOPICS | frozenset(
    kind.TOPIC
    for kind in (
        CommandAnswered,
        EventParked,
        EventRedriven,
        MessageUnread,
        OrderLinked,
        SheetAudited,
        SweptLate,
    )
)


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """What anyone may know of an order: no word of it is about a person.

    The words from `status` to `until` are as of `known_until`, and hold until `until` unless more
    is told: nothing that depends on the clock is kept longer than it is so.
    """

    order_id: UUID
    opened: int | None
    reference: str
    force: str
    version: int
    known_until: datetime
    status: str
    in_force: str | None
    facets: str
    next_deadline: datetime | None
    findings: int
    until: datetime | None
    breaches: int
    misses: int
    applied_at: datetime | None
    made_on: date | None
    served_at: datetime | None
    last_day: date | None
    hearing_on: date | None
    officer: str | None

    @property
    def standing(self) -> Standing:
        facets = tuple(json.loads(self.facets))
        deadline, findings = self.next_deadline, self.findings
        return Standing(self.status, self.in_force, facets, deadline, findings, self.until)


_KINDS = {
    "order_id": Kind.ID,
    "opened": Kind.NUMBER,
    "version": Kind.NUMBER,
    "known_until": Kind.INSTANT,
    "next_deadline": Kind.INSTANT,
    "findings": Kind.NUMBER,
    "until": Kind.INSTANT,
    "breaches": Kind.NUMBER,
    "misses": Kind.NUMBER,
    "applied_at": Kind.INSTANT,
    "made_on": Kind.DAY,
    "served_at": Kind.INSTANT,
    "last_day": Kind.DAY,
    "hearing_on": Kind.DAY,
}


def table(rules: int | None = None) -> Table:
    """`rules` are the clock rules the rows are worked out by; this machine's unless stated."""
    names = [each.name for each in fields(RegisterRow)]
    columns = [Column(n, _KINDS.get(n, Kind.TEXT), once=n == "opened") for n in names]
    sources = [*Path(domain.__path__[0]).rglob("*.py"), Path(__file__)]
    told = hash_of(sources, clock_rules() if rules is None else rules)
    return Table("order_register", _VERSION, tuple(columns), sorted_by="opened", rules=told)


@dataclass(slots=True)
class _Held:
    order: StalkingProtectionOrder
    opened: int | None


class OrderRegisterSheet:
    """See `Sheet`. The order itself says where it stands; here is only what a list shows of it."""

    def __init__(self, read: Reading) -> None:
        self.table = table()
        self._read = read

    def concerns(self, topic: str) -> bool:
        return topic not in _OF_NO_ORDER

    def begin(self, stream: UUID, first: StoredEvent, position: int | None) -> _Held | None:
        if first.topic != OrderOpened.TOPIC:
            return None
        return _Held(StalkingProtectionOrder(stream), position)

    def apply(self, state: _Held, stored: StoredEvent) -> None:
        state.order.fold([self._read(stored)])

    def row(self, state: _Held) -> Row:
        order = state.order
        if order.known_until is None:
            msg = f"{order.id} holds nothing"
            raise LookupError(msg)
        now = standing(order, order.known_until)
        history = order.position(order.known_until).history
        latest = order.position(order.known_until).latest_order
        found = [recorded.event for recorded in order.standing.values()]
        return (
            order.id,
            state.opened,
            order.reference,
            order.force,
            order.version,
            order.known_until,
            now.status,
            now.in_force,
            json.dumps(now.facets),
            now.next_deadline,
            now.findings,
            now.until,
            sum(isinstance(each, BreachRecorded) for each in found),
            sum(isinstance(each, NotificationMissed) for each in found),
            history.applied_at,
            None if latest is None else latest.made_on,
            _served_at(latest),
            None if latest is None else latest.last_day,
            history.hearing_on,
            history.officer,
        )


def _served_at(made: CourtOrder | None) -> datetime | None:
    service = None if made is None else made.service()
    return None if service is None else service.served_at
