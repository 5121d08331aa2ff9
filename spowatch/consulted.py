"""Who reads a person's record at the command line is put on record first, as on the pages (DPA 2018 s.62)."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from domain.consultations import Consultation, Purpose, RecordConsulted, consultation_stream
from domain.desk.case_file import CaseFile
from domain.desk.hands import Hand
from domain.events import Envelope
from domain.orders import StalkingProtectionOrder
from spowatch.account import account
from spowatch.open_store import Store

ROLE = "command line"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, and why. Where no reason is given, that is what stands on record."""

    what: str
    order: StalkingProtectionOrder
    alert: UUID | None = None
    purpose: Purpose = Purpose.NOT_STATED
    beside: Sequence[StalkingProtectionOrder] = ()
    """Orders of the same person that are told of too: each is on record, in the same transaction."""

    @property
    def orders(self) -> Iterator[StalkingProtectionOrder]:
        yield self.order
        yield from (each for each in self.beside if each.id != self.order.id)


def of_briefing(found: CaseFile, purpose: Purpose = Purpose.NOT_STATED) -> Reading:
    """A briefing tells of every order of the person, of whichever force."""
    return Reading("briefing", found.order, found.alert.id, purpose, found.person_orders)


def put_on_record(store: Store, reading: Reading, now: datetime, hand: Hand | None = None) -> None:
    """Whatever keeps it off the log rises, and nothing may be shown. `hand`: who is at a desk there."""
    store.register.keep(_consultation(reading, order, now, hand) for order in reading.orders)


def _consultation(
    reading: Reading, order: StalkingProtectionOrder, now: datetime, hand: Hand | None
) -> Consultation:
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
    return consultation


def _whose_account(now: datetime, subject: UUID | None) -> Envelope:
    return Envelope(
        occurred_at=now,
        recorded_at=now,
        entered_at=now,
        subject_id=subject,
        actor=account(),
        role=ROLE,
        terminal=socket.gethostname(),
    )
