"""The order register: one row an order, with where it stands, its dates, and what was counted."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.court_orders import CourtOrder
from domain.findings import BreachRecorded, NotificationMissed
from domain.orders import StalkingProtectionOrder
from domain.standing import Standing, standing
from projections.columns import table_of
from projections.order_sheet import OrderSheet
from projections.sheet import Reading, Table

_VERSION = 1


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


def row_of(order: StalkingProtectionOrder, opened: int | None, now: datetime) -> RegisterRow:
    stands = standing(order, now)
    position = order.position(now)
    history, latest = position.history, position.latest_order
    found = [recorded.event for recorded in order.standing.values()]
    return RegisterRow(
        order_id=order.id,
        opened=opened,
        reference=order.reference,
        force=order.force,
        version=order.version,
        known_until=now,
        status=stands.status,
        in_force=stands.in_force,
        facets=json.dumps(stands.facets),
        next_deadline=stands.next_deadline,
        findings=stands.findings,
        until=stands.until,
        breaches=sum(isinstance(each, BreachRecorded) for each in found),
        misses=sum(isinstance(each, NotificationMissed) for each in found),
        applied_at=history.applied_at,
        made_on=None if latest is None else latest.made_on,
        served_at=_served_at(latest),
        last_day=None if latest is None else latest.last_day,
        hearing_on=history.hearing_on,
        officer=history.officer,
    )


def _served_at(made: CourtOrder | None) -> datetime | None:
    service = None if made is None else made.service()
    return None if service is None else service.served_at


def table(rules: int | None = None) -> Table:
    """`rules` are the clock rules the rows are worked out by; this machine's unless stated."""
    return table_of(
        "order_register",
        _VERSION,
        RegisterRow,
        __file__,
        found_by=("force", "officer"),
        walled_by=("force",),
        rules=rules,
    )


def order_register(read: Reading) -> OrderSheet:
    return OrderSheet(table(), row_of, read)
