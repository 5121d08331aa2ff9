"""Notification compliance: who owes what by when, who gave it, and whether the police receipted it."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.batches import read_orders
from domain.facts.notification import NotificationReceived
from domain.notification import Duty, DutyState
from domain.orders import StalkingProtectionOrder
from domain.position import Position
from domain.receipts import receipts
from spowatch.log_pages import orders_opened
from spowatch.open_store import Store

SOON = timedelta(hours=24)
_BATCH = 500


class Compliance(StrEnum):
    """How an offender manager sorts duties: what to chase first, what is done, what is in doubt."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    DUE = "due"
    DISPUTED = "disputed"
    MET_LATE = "met_late"
    MET = "met"
    LAPSED = "lapsed"


ATTENTION = tuple(Compliance)[:4]
"""What still needs somebody; the rest is shown on asking."""


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty of one order; nobody's name."""

    order: str
    force: str
    officer: str | None
    duty: str
    state: Compliance
    first_day: str
    last_day: str
    deadline: datetime
    notified_at: datetime | None
    receipt: str
    attempts_not_valid: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def duties_of(store: Store, now: datetime) -> Iterator[DutyRow]:
    """Every duty of every order, in the order the orders were opened."""
    batch: list[UUID] = []
    for _, identity in orders_opened(store):
        batch.append(identity)
        if len(batch) == _BATCH:
            yield from _rows(read_orders(store.register, batch).values(), now)
            batch = []
    yield from _rows(read_orders(store.register, batch).values(), now)


def _rows(orders: Iterable[StalkingProtectionOrder], now: datetime) -> Iterator[DutyRow]:
    for order in orders:
        position = order.position(max(now, order.known_until or now))
        invalid = tuple(
            receipt.refused_as
            for receipt in receipts(position.history)
            if receipt.refused_as is not None
        )
        for duty in position.duties:
            yield _row(order, position, duty, invalid)


def _row(
    order: StalkingProtectionOrder, position: Position, duty: Duty, invalid: tuple[str, ...]
) -> DutyRow:
    given = duty.met_by
    return DutyRow(
        order=order.reference,
        force=order.force,
        officer=position.history.officer,
        duty=str(duty.kind),
        state=_compliance(duty, position.now),
        first_day=duty.window.first_day.isoformat(),
        last_day=duty.window.last_day.isoformat(),
        deadline=duty.window.deadline,
        notified_at=None if given is None else given.envelope.occurred_at,
        receipt=_receipt(None if given is None else given.event),
        attempts_not_valid=invalid if given is None else (),
    )


_STATES = {
    DutyState.MET: Compliance.MET,
    DutyState.MET_LATE: Compliance.MET_LATE,
    DutyState.MISSED: Compliance.OVERDUE,
    DutyState.DISPUTED: Compliance.DISPUTED,
    DutyState.LAPSED: Compliance.LAPSED,
    DutyState.LAPSED_GAP: Compliance.LAPSED,
}


def _compliance(duty: Duty, now: datetime) -> Compliance:
    if duty.state is DutyState.OPEN:
        return Compliance.DUE_SOON if duty.window.deadline - now <= SOON else Compliance.DUE
    return _STATES[duty.state]


def _receipt(given: object) -> str:
    """The written acknowledgement the Act requires of the police (s.10(4))."""
    if not isinstance(given, NotificationReceived):
        return ""
    if given.acknowledgement_issued is None:
        return "not recorded"
    return "issued" if given.acknowledgement_issued else "NOT ISSUED"
