"""Who may read an order, and who may state facts on it: asked once, in one place."""

from domain.dossier import order_id
from domain.facts import Fact
from domain.facts.breaches import AppointmentMissed, BreachReported
from domain.facts.notification import HomeAddressChanged, NameUsed, NotificationReceived
from domain.forces import find_force
from domain.orders import StalkingProtectionOrder
from web.access import NotYours, Person
from web.system import System

_FROM_ANY_FORCE = (
    BreachReported,
    AppointmentMissed,
    NotificationReceived,
    NameUsed,
    HomeAddressChanged,
)
"""A breach is seen where it is seen, and a person notifies where they live (s.10(1)-(3))."""


def readable_order(system: System, person: Person, reference: str) -> StalkingProtectionOrder:
    """The order, when this person may read it. Raises `NotYours`, and `Refused` when there is none."""
    order = system.register.order(reference)
    if not _concerns(system, person, order):
        raise NotYours
    return order


def may_enter(system: System, person: Person, kind: type[Fact], reference: str) -> None:
    """Raises `NotYours` when this person may not state such a fact on that order.

    Of a reference nobody knows the register decides what may be said.
    """
    if issubclass(kind, _FROM_ANY_FORCE):
        return
    order = system.register.order_by_id(order_id(reference))
    if order.version and not _concerns(system, person, order):
        raise NotYours


def _concerns(system: System, person: Person, order: StalkingProtectionOrder) -> bool:
    """The force whose order it is, and every force that has an open alert on it."""
    if find_force(order.force) is find_force(person.force):
        return True
    alerts = system.board.about(order.subject_id)
    return any(row.force == person.force and row.raised.order_id == order.id for row in alerts)
