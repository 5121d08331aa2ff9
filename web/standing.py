"""How somebody stands to a record: whose it is, what is open on it, and what is on record of the two."""

from datetime import datetime

from domain.access import Action, Relation, State
from domain.consultations import Purpose
from domain.desk.record import AlertOnRecord
from domain.orders import StalkingProtectionOrder
from domain.status import OVER
from web.access import Person, Standing, must_be_allowed
from web.system import System


def standing_of_alert(person: Person, case: AlertOnRecord) -> Standing:
    """The force that has it and the one whose order it is own it; one it is offered to is concerned."""
    state = State.LIVE if case.open else State.ENDED
    home = "" if case.raised is None else case.raised.force
    offer = case.transfer.offer
    if person.of_force(case.force, home):
        return Standing(Relation.OWN, state)
    if offer is not None and person.of_force(offer.to_force):
        return Standing(Relation.CONCERNED, state)
    return Standing(Relation.OTHER, state)


def standing_of_order(
    system: System, person: Person, order: StalkingProtectionOrder, now: datetime
) -> Standing:
    """The force whose order it is owns it; one that has an open alert on it, or is offered one, is concerned."""
    alerts = [
        row for row in system.board.about(order.subject_id) if row.raised.order_id == order.id
    ]
    state = State.LIVE if alerts or not _over(order, now) else State.ENDED
    if person.of_force(order.force):
        return Standing(Relation.OWN, state)
    if any(person.of_force(row.force, row.offered_to or "") for row in alerts):
        return Standing(Relation.CONCERNED, state)
    return Standing(Relation.OTHER, state)


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
