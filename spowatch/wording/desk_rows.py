"""An alert on the desk as a row or a line: who has it, what is still to be done. Nobody's name."""

from typing import Any

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
        "protected_person_told_at": case.telling.told_at,
        "version": case.version,
    }


def case_line(case: AlertCase) -> str:
    owner = f"with {case.ownership.staff}" if case.ownership.staff else "with nobody"
    told = "" if not case.telling.open else "; the protected person is still to be told"
    return f"{str(case.id)[:8]}  P{case.priority}  {case.stage}, {owner}{told}"
