"""The arrest board: one row an alert, with who has it, what is due next, and nobody's name."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.alerts import ALERT_CLASS, AlertRaised, AlertWithdrawn
from domain.desk import events as said
from domain.desk.record import AlertOnRecord
from domain.events import EVENT_TYPES
from projections.columns import table_of
from projections.reading import every
from projections.sheet import Reading, Row, Table, Value
from projections.store import SheetStore

_VERSION = 1
ALERT_TOPICS = frozenset(
    topic
    for topic, kind in EVENT_TYPES.items()
    if issubclass(kind, AlertRaised | AlertWithdrawn | said.DeskEvent)
)
"""Everything that is ever said in an alert's own stream."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as of one version of it. Instants that lie ahead are kept, never judged."""

    alert_id: UUID
    opened: int
    version: int
    changed_at: datetime
    is_open: int
    order_id: UUID
    subject_id: UUID | None
    reference: str
    force: str
    code: str
    alert_class: str
    priority: int
    reasons: str
    condition: str | None
    offence: str | None
    doubts: str
    cause: UUID
    rule: str
    due_at: datetime
    raised_at: datetime
    late_because: str | None
    repeats_24h: int
    repeats_7d: int
    repeats_30d: int
    stage: str
    owner: str | None
    lease_until: datetime | None
    tells: str | None
    tells_at: datetime | None
    offered_to: str | None
    offer_ends: datetime | None
    held_until: datetime | None
    withdrawn: str | None
    resounded: int
    presented_at: datetime | None
    acknowledged_at: datetime | None
    unit: str | None
    incident: str | None
    outcome: str | None
    telling_due_at: datetime | None
    telling_overdue: int
    told_at: datetime | None
    closed_at: datetime | None


def table() -> Table:
    found_by = ("is_open", "order_id", "subject_id")
    return table_of(
        "arrest_board",
        _VERSION,
        AlertRow,
        __file__,
        found_by=found_by,
        walled_by=("force", "offered_to"),
    )


@dataclass(slots=True)
class _Held:
    alert: AlertOnRecord
    opened: int | None
    changed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    tasked: said.AlertTasked | None = None
    closed_at: datetime | None = None


class ArrestBoardSheet:
    """See `Sheet`. The alert itself says where it stands; here is only what a board shows of it."""

    def __init__(self, read: Reading) -> None:
        self.table = table()
        self._read = read

    def concerns(self, topic: str) -> bool:
        return topic in ALERT_TOPICS

    def begin(self, stream: UUID, first: StoredEvent, position: int | None) -> _Held | None:
        if first.topic != AlertRaised.TOPIC:
            return None
        return _Held(AlertOnRecord(stream), position)

    def apply(self, state: _Held, stored: StoredEvent) -> None:
        recorded = self._read(stored)
        state.alert.fold([recorded])
        at = state.changed_at = recorded.envelope.recorded_at
        match recorded.event:
            case said.AlertAcknowledged() if state.acknowledged_at is None:
                state.acknowledged_at = at
            case said.AlertTasked():
                state.tasked = recorded.event
            case said.AlertClosed():
                state.closed_at = at
            case said.AlertReopened():
                state.closed_at = None
            case _:
                pass

    def row(self, state: _Held) -> Row:
        alert, raised = state.alert, state.alert.raised
        if raised is None:
            msg = f"{alert.id} was never raised"
            raise LookupError(msg)
        return (
            *(alert.id, state.opened, alert.version, state.changed_at, int(alert.open)),
            *(raised.order_id, alert.subject_id, raised.reference, alert.force, str(raised.code)),
            *(str(ALERT_CLASS[raised.code]), alert.priority, json.dumps(raised.reasons)),
            *(raised.condition, raised.offence, json.dumps(raised.doubts), raised.cause),
            *(raised.rule, raised.due_at, raised.raised_at, _words(raised.late_because)),
            *(raised.repeats_24h, raised.repeats_7d, raised.repeats_30d, str(alert.stage)),
            *_ahead(alert),
            *(None if alert.withdrawn is None else str(alert.withdrawn.reason),),
            *(len(alert.resounded), alert.presented_at, state.acknowledged_at),
            *((None, None) if (sent := state.tasked) is None else (sent.unit, sent.incident)),
            None if alert.outcome is None else str(alert.outcome.outcome),
            *(alert.telling.due_at, int(alert.telling.overdue), alert.telling.told_at),
            state.closed_at,
        )


def _words(word: object) -> str | None:
    return None if word is None else str(word)


def _ahead(alert: AlertOnRecord) -> Row:
    """Who has it and until when, who is told next and when, who was asked to take it, and holding."""
    step, offer = alert.escalation.fired(), alert.transfer.offer
    begun = alert.escalation.policy is not None
    return (
        alert.ownership.staff,
        alert.ownership.lease_until,
        None if step is None else str(step.tells),
        None if step is None else step.due_at,
        None if offer is None else offer.to_force,
        None if offer is None else offer.answer_by,
        None if begun else alert.holding.until,
    )


# What people ask it.


def open_alerts(sheet: SheetStore, *, force: str | None = None) -> list[AlertRow]:
    """Every alert that somebody must look at, the most urgent first, then the newest."""
    only: dict[str, Value] = {"is_open": 1} | ({} if force is None else {"force": force})
    found = sorted(_every(sheet, only), key=lambda row: row.opened, reverse=True)
    return sorted(found, key=lambda row: row.priority)


def alerts_about(sheet: SheetStore, subject: UUID) -> list[AlertRow]:
    """Every alert on that person, on whichever order, in the order they were raised."""
    return list(_every(sheet, {"subject_id": subject}))


def alerts_on(sheet: SheetStore, order: UUID) -> list[AlertRow]:
    """Every alert on that order, in the order they were raised."""
    return list(_every(sheet, {"order_id": order}))


def raised_after(
    sheet: SheetStore, position: int, *, limit: int, force: str | None = None
) -> list[AlertRow]:
    """Alerts raised past that position of the log, oldest first; the last one's `opened` goes on."""
    only: dict[str, Value] = {} if force is None else {"force": force}
    return [AlertRow(*row) for row in sheet.page(position, limit=limit, only=only)]  # type: ignore[arg-type]  # the columns are the fields


def _every(sheet: SheetStore, only: Mapping[str, Value]) -> Iterator[AlertRow]:
    return (AlertRow(*row) for row in every(sheet, only))  # type: ignore[arg-type]  # the columns are the fields
