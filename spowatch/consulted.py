"""Who reads a person's record at the command line is put on record first, as on the pages (DPA 2018 s.62)."""

import getpass
import socket
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from domain.consultations import Consultation, Purpose, RecordConsulted, consultation_stream
from domain.desk.hands import Hand
from domain.events import Envelope
from domain.orders import StalkingProtectionOrder
from spowatch.open_store import Store

ROLE = "command line"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, and why. Where no reason is given, that is what stands on record."""

    what: str
    order: StalkingProtectionOrder
    alert: UUID | None = None
    purpose: Purpose = Purpose.NOT_STATED


def put_on_record(store: Store, reading: Reading, now: datetime, hand: Hand | None = None) -> None:
    """Whatever keeps it off the log rises, and nothing may be shown. `hand`: who is at a desk there."""
    order = reading.order
    consulted = RecordConsulted(
        what=reading.what,
        reference=order.reference,
        order_id=order.id,
        alert_id=reading.alert,
        purpose=reading.purpose,
    )
    envelope = (
        _whose_account(now, order.subject_id)
        if hand is None
        else hand.envelope(now, order.subject_id)
    )
    consultation = Consultation(consultation_stream(uuid4()))
    consultation.record(consulted, envelope)
    store.register.keep([consultation])


def _whose_account(now: datetime, subject: UUID | None) -> Envelope:
    return Envelope(
        occurred_at=now,
        recorded_at=now,
        entered_at=now,
        subject_id=subject,
        actor=getpass.getuser(),
        role=ROLE,
        terminal=socket.gethostname(),
    )
