"""An alert as a row of a list: what it asks and where, nobody's name."""

from collections.abc import Iterable
from typing import Any

from domain.alerts import ALERT_CLASS
from domain.desk.record import AlertOnRecord
from spowatch.answers import utc
from spowatch.log_pages import Placed
from spowatch.wording.plain_words import plain, said
from spowatch.wording.priority_words import priority_because


def rows(placed: Iterable[Placed]) -> list[dict[str, Any]]:
    """The most urgent first, then the newest; what was withdrawn comes last."""
    ordered = sorted(placed, key=lambda each: each.position, reverse=True)
    told = [row_of(each.alert, each.home_force) for each in ordered]
    return sorted(told, key=lambda row: (row["withdrawn"], row["priority"]))


def row_of(alert: AlertOnRecord, home_force: str | None = None) -> dict[str, Any]:
    """Raises `LookupError` for an alert that was never raised."""
    raised, withdrawn = alert.raised, alert.withdrawn
    if raised is None:
        msg = f"alert {alert.id} was never raised"
        raise LookupError(msg)
    return {
        "id": str(alert.id),
        "cause": str(raised.cause),
        "order": raised.reference,
        "force": raised.force,
        "answers": raised.answers or raised.force,
        "must_know": [*raised.must_know, *([home_force] if home_force else [])],
        "kind": str(raised.code),
        "class": str(ALERT_CLASS[raised.code]),
        "priority": alert.priority,
        "priority_because": priority_because(alert, with_reason=False),
        "raised_priority": raised.priority,
        "condition": raised.condition,
        "due_at": utc(raised.due_at),
        "raised_at": utc(raised.raised_at),
        "raised": said(raised.raised_at),
        "late": round((raised.raised_at - raised.due_at).total_seconds(), 3),
        "late_because": None if raised.late_because is None else plain(raised.late_because),
        "withdrawn": withdrawn is not None,
        "withdrawn_because": None if withdrawn is None else plain(withdrawn.reason),
    }
