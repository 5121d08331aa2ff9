"""Audits of the deadline sheet on record: that every row was worked out again, and what differed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid5

from domain.calendar import legal_day
from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.register import OrderRegister


class SheetAudited(Event):
    """Every pending row was worked out again from the log; what differed was put right."""

    TOPIC = "spo.deadline-sheet-audited.v1"
    orders: int
    rows: int
    missing: int
    surplus: int
    moved_meanwhile: int


@dataclass(slots=True)
class AuditRecord(Stream):
    """The audit of one day. It is recorded once, whoever ran it."""

    audited: SheetAudited | None = None

    def audit(self, audited: SheetAudited, envelope: Envelope) -> None:
        if self.version == 0:
            self._record(audited, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        audited = recorded.event
        self.audited = audited if isinstance(audited, SheetAudited) else None


def record_audit(register: OrderRegister, audited: SheetAudited, now: datetime) -> None:
    """Raises `IntegrityError` when another sweep recorded the day's audit in this moment."""
    record = register.read(AuditRecord(uuid5(NAMESPACE, f"sheet-audit:{legal_day(now)}")))
    envelope = Envelope(
        occurred_at=now, recorded_at=now, entered_at=now, actor="sweep", role="sweep"
    )
    record.audit(audited, envelope)
    register.keep([record])
