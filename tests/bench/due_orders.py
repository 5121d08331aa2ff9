"""Many orders that are due at one midnight, put on the register in bulk, and rows that are not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.deadlines import Agenda, Deadline, DeadlineKind
from domain.dossier import Dossier, subject_id
from domain.events import Envelope, RecordedEvent
from domain.orders import OrderOpened
from domain.subjects import Subject
from domain.vocabulary import Statement
from projections.deadline_sheet import DeadlineSheet
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.open_store import Store
from spowatch.wiring.store import sweep
from tests.bench.registers import statement

HIGH_RISK = "HIGH"
"""How the reference of an order on a person of high risk begins."""
_AT_ONCE = 500
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def enter_orders(store: Store, midnight: datetime, ordinary: int, high_risk: int = 0) -> None:
    """Orders served three days before and not notified; the high-risk among them spread evenly."""
    references = [f"ORDER/{number}" for number in range(ordinary)]
    for number in range(high_risk):
        place = number * (ordinary + high_risk) // high_risk
        references.insert(place, f"{HIGH_RISK}/{number}")
    for first in range(0, len(references), _AT_ONCE):
        some = references[first : first + _AT_ONCE]
        events = [event for each in some for event in _life(each, midnight)]
        store.register.events.put(events)


def fill_sheet(store: Store, before: datetime) -> DeadlineSheet:
    """The sheet of all that was entered, as a sweep made it at that time."""
    sheet = SqliteDeadlineSheet(store.settings.sheets_path)
    reading = sweep(store, sheet, lambda: before)
    while reading.read(0):
        pass
    return sheet


def put_far_off(sheet: DeadlineSheet, rows: int, after: datetime) -> None:
    """That many orders of the sheet alone, each due some time in the ten years after."""
    rng = Random(rows)
    for first in range(0, rows, 10_000):
        count = min(10_000, rows - first)
        sheet.put(dict(_far_off(rng, after) for _ in range(count)), 0)


def _far_off(rng: Random, after: datetime) -> tuple[UUID, Agenda]:
    due = after + rng.randrange(1, 3_650) * _DAY
    deadline = Deadline(DeadlineKind.ORDER_END, "full-2026-01-01", due, "SPA 2019 s.3")
    return UUID(int=rng.getrandbits(128)), Agenda(7, 1, [deadline])


def _life(reference: str, midnight: datetime) -> list[RecordedEvent]:
    facts = _facts(midnight - 3 * _DAY + 12 * _HOUR, high=reference.startswith(HIGH_RISK))
    opened = OrderOpened(reference=reference, force="Kent", regime="EW-SPA-2019")
    dossier = Dossier(Subject(subject_id(f"order:{reference}")))
    at = facts[0].t
    envelope = Envelope(
        occurred_at=at, recorded_at=at, entered_at=at, subject_id=dossier.subject.id
    )
    order = dossier.open(opened, envelope)
    for each in facts:
        stated = dossier.state(each, order, entered_at=each.t)
        if stated.refusal is not None:
            raise AssertionError(reference, stated.refusal)
    return dossier.pending()


def _facts(served: datetime, *, high: bool) -> Sequence[Statement]:
    named: dict[str, Any] = {
        "applicant": "chief_officer",
        "force": "Kent",
        "nexus": "resides",
        "defendant": {"name": "Robin Marsh", "risk": "high" if high else "medium"},
    }
    return [
        statement("ApplicationMade", served - 20 * _DAY, **named),
        statement("FullOrderGranted", served - _HOUR, until="further_order"),
        statement("OrderServed", served, order_kind="full", method="in_person"),
    ]
