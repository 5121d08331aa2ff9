"""Who may read an order, and who may state facts on it, as the access table has it."""

from domain.access import Asked, Relation, State
from domain.access_table import allowed
from domain.batches import POISON
from domain.dossier import order_id
from domain.facts import Fact
from domain.orders import StalkingProtectionOrder
from domain.recording_rights import action_of
from domain.submissions import opens_a_record
from web.access import NotYours, Person, Standing
from web.standing import standing_of_order
from web.system import System

_NEW = Standing(Relation.OWN, State.LIVE)
"""Of a reference nobody knows: it becomes an order of the person's own force."""


def may_enter(system: System, person: Person, kind: type[Fact], reference: str) -> None:
    """Raises `NotYours` when this person may not state such a fact on that order.

    An order that is not there answers as one that is not theirs. What may be stated on any force's
    order, as a breach, may also be stated on one that cannot be read. A new order is one of the Act of
    2019: a record of another law, whose first word may be another, begins with a facts file.
    """
    try:
        with system.register.looked_at(order_id(reference)) as order:
            stands, is_new = standing(system, person, order), not order.version
    except POISON:
        if allows(person, kind, Standing(Relation.OTHER, State.LIVE)):
            return
        raise
    if not allows(person, kind, stands) or (is_new and not opens_a_record(kind)):
        raise NotYours


def standing(system: System, person: Person, order: StalkingProtectionOrder) -> Standing:
    """How the person stands to that order, be it a new one."""
    return standing_of_order(system, person, order, system.now()) if order.version else _NEW


def allows(person: Person, kind: type[Fact], stands: Standing) -> bool:
    """Whether somebody who stands so to an order may state such a fact on it."""
    return allowed(Asked(person.role, action_of(kind), stands.relation, stands.state))
