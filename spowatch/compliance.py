"""Notification compliance: who owes what by when, who gave it, and whether the police receipted it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from projections.case_queues import rows_at
from projections.caseload import CaseRow, case_rows
from projections.compliance import Compliance, Owed
from projections.sheet import Value
from spowatch.case_list import brought_up
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName


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


def duties_of(
    store: Store, now: datetime, *, force: str | None = None, officer: str | None = None
) -> Iterator[DutyRow]:
    """Every duty of those orders, in the order the orders were opened."""
    asked: dict[str, Value] = {"force": force, "officer": officer}
    only = {name: value for name, value in asked.items() if value is not None}
    with brought_up(store, SheetName.CASELOAD, now) as sheet:
        for row in rows_at(store.register, case_rows(sheet, only), now):
            for duty in row.owed:
                yield _row(row, duty, now)


def _row(case: CaseRow, duty: Owed, now: datetime) -> DutyRow:
    return DutyRow(
        order=case.reference,
        force=case.force,
        officer=case.officer,
        duty=str(duty.kind),
        state=duty.compliance(now),
        first_day=duty.first_day.isoformat(),
        last_day=duty.last_day.isoformat(),
        deadline=duty.deadline,
        notified_at=duty.notified_at,
        receipt=duty.receipt,
        attempts_not_valid=() if duty.notified_at else case.invalid,
    )
