"""The deadline sheet in words, for the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.clocked import read_clocked
from domain.deadlines import Deadline
from domain.desk.case import AlertCase
from projections.deadline_sheet import DeadlineSheet, Row
from spowatch.answers import utc
from spowatch.open_store import Store
from spowatch.wiring.sheets import opened_sheet, there_is_a_sheet
from spowatch.wiring.store import audit_sheet, sweep
from spowatch.wording.plain_words import said

_BATCH = 500
SHEET = "deadline_sheet"


class NoSheet(OSError):
    """No sweep ever ran on this store."""


@contextmanager
def sheet_of(store: Store) -> Iterator[DeadlineSheet]:
    """Raises `NoSheet`."""
    if not there_is_a_sheet(store.settings):
        path = store.settings.sheets_path
        msg = f"{path} is not there: no sweep has run on this store; start `spowatch run sweep`"
        raise NoSheet(msg)
    with opened_sheet(store.settings) as sheet:
        yield sheet


def pending_rows(store: Store, now: datetime, *, days: int) -> list[dict[str, Any]]:
    """What is due in so many days, the soonest first; what is overdue and still there is first."""
    with sheet_of(store) as sheet:
        rows = [row for row in sheet.rows() if row.deadline.due_at <= now + timedelta(days=days)]
    told = list(_told(store, rows))
    return sorted(told, key=lambda each: (each["due_at"], each["order"], each["kind"]))


def digests(store: Store) -> dict[str, str]:
    """The hash of every sheet there is; two sheets with equal rows share it."""
    if not there_is_a_sheet(store.settings):
        return {}
    with sheet_of(store) as sheet:
        return {SHEET: sheet.digest()}


def rebuilt(store: Store) -> int:
    """Read the sheet anew from the start of the log, or make it where no sweep has; how many rows it has."""
    with opened_sheet(store.settings) as sheet:
        sheet.clear()
        reader = sweep(store, sheet)
        while reader.read(0):
            pass
        return sum(1 for _ in sheet.rows())


def audited(store: Store) -> list[dict[str, Any]]:
    """What differed between the sheet and the log; it is put right."""
    with sheet_of(store) as sheet:
        found = audit_sheet(store, sheet)
    return [
        {"fault": d.fault, "order": d.order, "alert": _text(d.alert)} | _words(d.deadline)
        for d in found
    ]


def _told(store: Store, rows: list[Row]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        streams = read_clocked(store.register, list({row.order_id: None for row in some}))
        for row in some:
            stream = streams[row.order_id]
            alert = _text(stream.id if isinstance(stream, AlertCase) else None)
            of = {"order": stream.reference, "alert": alert, "force": stream.force}
            yield of | _words(row.deadline)


def _text(alert: UUID | None) -> str | None:
    return None if alert is None else str(alert)


def _words(deadline: Deadline) -> dict[str, Any]:
    return {
        "kind": str(deadline.kind),
        "about": deadline.about,
        "due_at": utc(deadline.due_at),
        "due": said(deadline.due_at),
        "basis": deadline.basis,
    }
