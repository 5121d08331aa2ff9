"""Who may read an order, and who may state facts on it: the access table asked once, in one place."""

from domain.access import Action, Asked, Relation
from domain.access_table import allowed
from domain.dossier import order_id
from domain.facts import Fact
from domain.orders import StalkingProtectionOrder
from domain.recording_rights import action_of
from web.access import NotYours, Person
from web.standing import must_be_allowed_on
from web.system import System


def readable_order(system: System, person: Person, reference: str) -> StalkingProtectionOrder:
    """The order, when this person may read it. Raises `NotYours`, also when there is none."""
    order = system.register.order_by_id(order_id(reference))
    if not order.version:
        raise NotYours
    purpose = person.usual_purpose
    must_be_allowed_on(system, person, Action.READ_ORDER, order, system.now(), purpose)
    return order


def may_enter(system: System, person: Person, kind: type[Fact], reference: str) -> None:
    """Raises `NotYours` when this person may not state such a fact on that order.

    Of a reference nobody knows the register decides what may be said. Where everybody of that role may,
    the order is not even read: it may be the one that cannot be.
    """
    action = action_of(kind)
    if all(allowed(Asked(person.role, action, each)) for each in Relation):
        return
    order = system.register.order_by_id(order_id(reference))
    if order.version:
        must_be_allowed_on(system, person, action, order, system.now())
    elif not allowed(Asked(person.role, action)):
        raise NotYours
