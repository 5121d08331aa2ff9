"""Reading a person's record: allowed by the table, on the log first, and shown only when that is committed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID, uuid4

from domain.access import Action, Relation
from domain.alerts import AlertCode
from domain.consultations import Consultation, Purpose, RecordConsulted, consultation_stream
from domain.desk.case import AlertCase
from domain.desk.case_file import CaseFile, case_file
from domain.events import Envelope
from domain.orders import StalkingProtectionOrder
from web.access import NotYours, Person, must_be_allowed
from web.standing import standing_of_alert, standing_of_order
from web.system import System

_ACTIONS = MappingProxyType(
    {
        "briefing": Action.READ_BRIEFING,
        "order": Action.READ_ORDER,
        "person": Action.READ_PERSON,
        "search": Action.SEARCH_PEOPLE,
        "caseload": Action.LIST_CASES,
        "diary": Action.LIST_CASES,
        "export": Action.EXPORT,
    }
)
"""What is done by reading what. What is not listed is released to nobody."""


def readable_case(
    system: System, person: Person, alert: UUID, action: Action = Action.READ_ALERT
) -> AlertCase:
    """The alert, when this person may do that with it. Raises `NotYours`, and `Refused` when there is none."""
    case = system.desk.case(alert)
    must_be_allowed(person, action, standing_of_alert(system, person, case, system.now()))
    return case


def concerns(reviewer: Person, reader_force: str, owner: str) -> bool:
    """Whether a reading is theirs to review: by somebody of their force, or of an order of their force.

    At the command line nobody has a force: whose order was read there reviews it, and everybody a list.
    """
    return not (reader_force or owner) or reviewer.of_force(reader_force, owner)


@dataclass(frozen=True, slots=True)
class Read:
    """What is read: which part of which order's record, by which alert, about whom."""

    what: str
    reference: str
    order_id: UUID
    alert_id: UUID | None
    subject_id: UUID | None
    beside: Sequence[StalkingProtectionOrder] = ()
    """Orders of the same person, of whichever force, that the answer tells of too."""


def briefing_of(case: AlertCase) -> Read:
    """Raises `NotYours` when the alert was never raised, or is about access and not about a person's acts."""
    if case.raised is None or case.raised.code is AlertCode.GLASS_BROKEN:
        raise NotYours
    raised = case.raised
    return Read("briefing", raised.reference, raised.order_id, case.id, case.subject_id)


def consult_briefing(
    system: System, person: Person, case: AlertCase, purpose: Purpose | None, now: datetime
) -> CaseFile:
    """The alert's file, once the reading of each of its orders is on record: what is shown is this alone.

    Raises as `briefing_of` and `consult` do.
    """
    read = briefing_of(case)
    found = case_file(system.register, case.id)
    consult(system, person, replace(read, beside=found.person_orders), purpose, now)
    return found


def consult(
    system: System, person: Person, read: Read, purpose: Purpose | None, now: datetime
) -> None:
    """Put on record that this person reads it. Raises `NotYours` when the table does not allow it.

    Each order is on record by itself, in one transaction. When it cannot be, this raises, and nothing is
    shown. Data Protection Act 2018 s.62(2): the justification, the date and time, and who.
    """
    action = _ACTIONS.get(read.what)
    if action is None or purpose is None:
        raise NotYours
    standing = (
        standing_of_order(system, person, system.register.order_by_id(read.order_id), now)
        if read.alert_id is None
        else standing_of_alert(system, person, system.desk.case(read.alert_id), now)
    )
    must_be_allowed(person, action, standing, purpose)
    every = [(read, standing.relation), *_others(system, person, read, now)]
    envelope = person.envelope(now, read.subject_id)
    system.register.keep([_consultation(*each, purpose, envelope) for each in every])


def _others(
    system: System, person: Person, read: Read, now: datetime
) -> Iterator[tuple[Read, Relation]]:
    """The same reading of each other order that it tells of, and how the reader stands to that one."""
    for order in read.beside:
        if order.id != read.order_id:
            standing = standing_of_order(system, person, order, now)
            yield replace(read, reference=order.reference, order_id=order.id), standing.relation


def _consultation(
    read: Read, relation: Relation, purpose: Purpose, envelope: Envelope
) -> Consultation:
    consulted = RecordConsulted(
        what=read.what,
        reference=read.reference,
        order_id=read.order_id,
        alert_id=read.alert_id,
        purpose=purpose,
        relation=relation,
    )
    consultation = Consultation(consultation_stream(uuid4()))
    consultation.record(consulted, envelope)
    return consultation
