"""Reading a person's record: on the log first, and shown only when that has been committed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from domain.consultations import Consultation, Purpose, RecordConsulted, consultation_stream
from domain.desk.case import AlertCase
from domain.desk.hands import DeskRole
from web.access import NotYours, Person, may_read
from web.system import System

_USUAL = {
    DeskRole.OPERATOR: Purpose.RESPONDING,
    DeskRole.SUPERVISOR: Purpose.SUPERVISING,
    DeskRole.DUTY_OFFICER: Purpose.SUPERVISING,
    DeskRole.SPOC: Purpose.INVESTIGATING,
    DeskRole.OFFENDER_MANAGER: Purpose.MANAGING,
    DeskRole.VICTIM_LIAISON: Purpose.RESPONDING,
}


def usual_purpose(role: DeskRole) -> Purpose:
    """Why somebody on duty in that role opens an alert of their own force."""
    return _USUAL[role]


def readable_case(system: System, person: Person, alert: UUID) -> AlertCase:
    """The alert, when this person may read it. Raises `NotYours`, and `Refused` when there is none."""
    case = system.desk.case(alert)
    if not may_read(person, case):
        raise NotYours
    return case


@dataclass(frozen=True, slots=True)
class Read:
    """What is read: which part of which order's record, by which alert, about whom."""

    what: str
    reference: str
    order_id: UUID
    alert_id: UUID | None
    subject_id: UUID | None


def briefing_of(case: AlertCase) -> Read:
    """Raises `NotYours` when the alert was never raised."""
    if case.raised is None:
        raise NotYours
    raised = case.raised
    return Read("briefing", raised.reference, raised.order_id, case.id, case.subject_id)


def consult(system: System, person: Person, read: Read, purpose: Purpose, now: datetime) -> None:
    """Put on record that this person reads it. When that cannot be, it raises, and nothing is shown.

    Data Protection Act 2018 s.62(2): the justification, the date and time, and who.
    """
    consultation = Consultation(consultation_stream(uuid4()))
    consulted = RecordConsulted(
        what=read.what,
        reference=read.reference,
        order_id=read.order_id,
        alert_id=read.alert_id,
        purpose=purpose,
    )
    consultation.record(consulted, person.hand.envelope(now, read.subject_id))
    system.register.keep([consultation])
