"""A small policy as a file would say it, to be spoiled in one place at a time."""

from typing import Any

from domain.desk.policy_book import PolicyBook

ROLES = ("operator", "supervisor", "duty_officer", "spoc", "offender_manager")


def kent(**changed: Any) -> dict[str, Any]:
    """One person a role, round the clock."""
    people: dict[str, list[dict[str, str]]] = {
        f"K{number}": [{"channel": "mail", "address": f"k{number}@kent.example"}]
        for number, _ in enumerate(ROLES, start=1)
    }
    shifts = [
        {"role": role, "days": "every", "begin": "07:00", "end": "07:00", "staff": [f"K{number}"]}
        for number, role in enumerate(ROLES, start=1)
    ]
    return {"force": "Kent", "shifts": shifts, "people": people} | changed


def book(*forces: dict[str, Any], **changed: Any) -> PolicyBook:
    return PolicyBook.model_validate({"version": 1, "forces": forces or [kent()], **changed})
