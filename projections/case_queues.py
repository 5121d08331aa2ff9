"""Which queues a case stands in at an instant: what an offender manager works through."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from projections.arrest_board import open_alerts
from projections.caseload import CaseRow
from projections.compliance import Compliance
from projections.store import SheetStore


class Queue(StrEnum):
    """Why somebody has to do something about the case; what weighs most comes first."""

    BREACH_OPEN = "breach_open"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    DISPUTED = "disputed"
    UNVERIFIED = "unverified"
    RECEIPT_OWED = "receipt_owed"
    UNCONFIRMED = "unconfirmed"
    REVIEW_DUE = "review_due"


@dataclass(frozen=True, slots=True)
class Case:
    """A case as of `now`, with why it needs somebody."""

    row: CaseRow
    queues: tuple[Queue, ...]
    late_by: timedelta
    """How long the oldest overdue notification has been overdue; zero when none is."""


def with_open_breach(board: SheetStore) -> frozenset[UUID]:
    """The orders on which somebody still has to deal with an alert of a breach."""
    return frozenset(
        alert.order_id for alert in open_alerts(board) if alert.code.startswith("BREACH_")
    )


def case_of(row: CaseRow, now: datetime, broken: Collection[UUID]) -> Case:
    """`row` still holds at `now`; `broken` are the orders with a breach still open."""
    duties = row.owed
    states = {duty.compliance(now) for duty in duties}
    late = [d.deadline for d in duties if d.compliance(now) is Compliance.OVERDUE]
    stands = {
        Queue.BREACH_OPEN: row.order_id in broken,
        Queue.OVERDUE: Compliance.OVERDUE in states,
        Queue.DUE_SOON: Compliance.DUE_SOON in states,
        Queue.DISPUTED: Compliance.DISPUTED in states,
        Queue.UNVERIFIED: row.unverified,
        Queue.RECEIPT_OWED: any(duty.receipt_owed for duty in duties),
        Queue.UNCONFIRMED: row.unconfirmed > 0,
        Queue.REVIEW_DUE: row.review_due > 0,
    }
    queues = tuple(queue for queue, holds in stands.items() if holds)
    return Case(row, queues, now - min(late) if late else timedelta(0))
