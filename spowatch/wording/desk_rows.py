"""An alert on the desk as a row or a line: who has it, what is still to be done. Nobody's name."""

from datetime import datetime
from typing import Any

from domain.calendar import LONDON
from domain.desk.case import AlertCase


def case_row(case: AlertCase) -> dict[str, Any]:
    return {
        "id": str(case.id),
        "stage": str(case.stage),
        "priority": case.priority,
        "force": case.force,
        "owner": case.ownership.staff,
        "lease_until": case.ownership.lease_until,
        "held_until": case.holding.until,
        "next_told_at": case.escalation.next_due,
        "protected_person_due_at": case.telling.due_at,
        "protected_person_overdue": case.telling.open and case.telling.overdue,
        "protected_person_told_at": case.telling.told_at,
        "version": case.version,
    }


def case_line(case: AlertCase) -> str:
    owner = f"with {case.ownership.staff}" if case.ownership.staff else "with nobody"
    if case.ownership.lease_until is not None:
        owner += f" until {_clock(case.ownership.lease_until)}"
    return f"{str(case.id)[:8]}  P{case.priority}  {case.stage}, {owner}{_to_be_told(case)}"


def _to_be_told(case: AlertCase) -> str:
    if not case.telling.open:
        return ""
    if case.telling.overdue:
        return "; the protected person was not told in time"
    due = case.telling.due_at
    until = "" if due is None else f", by {_clock(due)} at the latest"
    return f"; the protected person is still to be told{until}"


def _clock(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%a %d %b %H:%M}"
