"""How somebody stands to a record: whose it is, what is open on it, and what is on record of the two."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.access import Action, Relation, State
from domain.case_access import CaseAccess, case_access_stream
from domain.consultations import Purpose
from domain.desk.record import AlertOnRecord
from domain.orders import StalkingProtectionOrder
from domain.status import OVER
from web.access import Person, Standing, must_be_allowed
from web.system import System


def standing_of_alert(
    system: System, person: Person, case: AlertOnRecord, now: datetime
) -> Standing:
    """The force that has it and the one whose order it is own it; one it is offered to is concerned.

    One of no force, told of an order nobody knows, is everybody's until somebody takes it.
    """
    state = State.LIVE if case.open else State.ENDED
    home = "" if case.raised is None else case.raised.force
    offer = case.transfer.offer
    offered = () if offer is None else (offer.to_force,)
    owners = (case.force, home)
    by_force = _by_force(person, owners, offered) if any(owners) else Relation.OWN
    return Standing(_on_record(system, person, case.subject_id, by_force, now), state)


def standing_of_order(
    system: System, person: Person, order: StalkingProtectionOrder, now: datetime
) -> Standing:
    """The force whose order it is owns it; one that has an open alert on it, or is offered one, is concerned."""
    alerts = [
        row for row in system.board.about(order.subject_id) if row.raised.order_id == order.id
    ]
    state = State.LIVE if alerts or not _over(order, now) else State.ENDED
    theirs = [force for row in alerts for force in (row.force, row.offered_to or "")]
    by_force = _by_force(person, (order.force,), theirs)
    return Standing(_on_record(system, person, order.subject_id, by_force, now), state)


def _by_force(person: Person, owners: Iterable[str], concerned: Iterable[str]) -> Relation:
    if person.of_force(*owners):
        return Relation.OWN
    return Relation.CONCERNED if person.of_force(*concerned) else Relation.OTHER


def _on_record(
    system: System, person: Person, subject: UUID | None, by_force: Relation, now: datetime
) -> Relation:
    """By their number in their force: in the case themselves, or looking through broken glass; by their force otherwise."""
    if subject is None:
        return by_force
    access = system.register.read(CaseAccess(case_access_stream(subject)))
    if access.closed_to(person.staff, person.force):
        return Relation.LINKED
    if by_force is Relation.OTHER and access.opened_to(person.staff, person.force, now) is not None:
        return Relation.GRANTED
    return by_force


def looks_through_glass(
    system: System, person: Person, subject: UUID | None, now: datetime
) -> bool:
    """Whether they broke the glass on that person's record, and it is open still."""
    return _on_record(system, person, subject, Relation.OTHER, now) is Relation.GRANTED


def _over(order: StalkingProtectionOrder, now: datetime) -> bool:
    if order.known_until is None:
        return False
    position = order.position(max(now, order.known_until))
    return position.in_force is None and position.status in OVER


def must_be_allowed_on(
    system: System,
    person: Person,
    action: Action,
    order: StalkingProtectionOrder,
    now: datetime,
    purpose: Purpose | None = None,
) -> Standing:
    """The one check of a command on an order. Raises `NotYours` where the table does not allow it."""
    standing = standing_of_order(system, person, order, now)
    must_be_allowed(person, action, standing, purpose)
    return standing
