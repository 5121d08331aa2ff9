"""Lateness on record: that deadlines were swept late, how many, how late, and why."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid5

from pydantic import AwareDatetime

from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.register import OrderRegister

LATE = timedelta(seconds=5)
"""What is raised later than this is put on record as late, with why."""

SILENCE = timedelta(seconds=5)
"""A sweep looks every second; a longer gap means that none was running."""


class SweptLate(Event):
    """Deadlines were raised late. Evidence for disclosure: the duty ran, the machine did not."""

    TOPIC = "spo.deadlines-swept-late.v1"
    orders: int
    oldest_due_at: AwareDatetime
    late_by_seconds: float
    why: Literal["no_sweep_was_running", "too_much_at_once"]
    silent_since: AwareDatetime | None = None


@dataclass(slots=True)
class SweepRecord(Stream):
    """What is on record about the sweeps of this register."""

    late: list[SweptLate] = field(default_factory=list)

    def swept_late(self, late: SweptLate, envelope: Envelope) -> None:
        self._record(late, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        self.late += [recorded.event] if isinstance(recorded.event, SweptLate) else []


def record_lateness(
    register: OrderRegister,
    orders: int,
    oldest: datetime,
    silent_since: datetime | None,
    now: datetime,
) -> None:
    """Put on record that so many orders were told late, the oldest of them due at `oldest`."""
    silent = silent_since is None or now - silent_since > SILENCE
    late = SweptLate(
        orders=orders,
        oldest_due_at=oldest,
        late_by_seconds=(now - oldest).total_seconds(),
        why="no_sweep_was_running" if silent else "too_much_at_once",
        silent_since=silent_since,
    )
    record = register.read(SweepRecord(uuid5(NAMESPACE, f"sweeps:{now.isoformat()}")))
    record.swept_late(late, Envelope(occurred_at=oldest, recorded_at=now, entered_at=now))
    register.keep([record])
