"""Which orders and people somebody may read; each page asks here, and puts it on record, before it shows."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from domain.access import Action, Asked
from domain.access_table import allowed, may_ever
from domain.consultations import Purpose
from domain.dossier import order_id
from domain.orders import StalkingProtectionOrder
from web.access import NotYours, Person
from web.consulting import Read, consult
from web.requests import Reference, TheSystem
from web.standing import standing_of_order
from web.system import System


@dataclass(frozen=True, slots=True)
class PersonOnRecord:
    """Somebody orders are against, with every order, oldest first."""

    id: UUID
    orders: Sequence[StalkingProtectionOrder]


def order_at(system: System, key: str) -> StalkingProtectionOrder:
    """The order named, by its id or by its reference. Raises `NotYours` when there is none."""
    for identity in _identities(key):
        order = system.register.order_by_id(identity)
        if order.version:
            return order
    raise NotYours


def _identities(key: str) -> Iterator[UUID]:
    """A reference of some force may look like an id, so it is tried as either."""
    with suppress(ValueError):
        yield UUID(key)
    yield order_id(key)


def reference_of(reference: Reference, system: TheSystem) -> str:
    """The reference an address names, be it by the order's id; of an order nobody knows yet, as given."""
    try:
        order = system.register.order_by_id(UUID(reference))
    except ValueError:
        return reference
    return order.reference if order.version else reference


OrderNamed = Annotated[str, Depends(reference_of)]


def read_order(
    system: System,
    person: Person,
    order: StalkingProtectionOrder,
    purpose: Purpose | None,
    now: datetime,
) -> None:
    """Put on record that this person reads it. Raises `NotYours`, and whatever keeps it off the log."""
    consult(system, person, read_of(order), purpose, now)


def read_of(order: StalkingProtectionOrder, beside: Sequence[StalkingProtectionOrder] = ()) -> Read:
    return Read("order", order.reference, order.id, None, order.subject_id, beside)


def read_person(system: System, person: Person, subject: UUID, now: datetime) -> PersonOnRecord:
    """Somebody's whole record, for who may read it by one of their orders: a pattern crosses forces."""
    orders = _orders_of(system, subject)
    order = _way_in(system, person, orders, now)
    if order is None:
        raise NotYours
    read = Read("person", order.reference, order.id, None, subject, orders)
    consult(system, person, read, person.usual_purpose, now)
    return PersonOnRecord(subject, orders)


def opens_person(system: System, person: Person, subject: UUID | None, now: datetime) -> bool:
    """Whether somebody's whole record is open to this person: no link leads to a closed one."""
    if subject is None or not may_ever(person.role, Action.READ_PERSON):
        return False
    return _way_in(system, person, _orders_of(system, subject), now) is not None


def _orders_of(system: System, subject: UUID) -> Sequence[StalkingProtectionOrder]:
    identities = system.register.subject(subject).order_ids
    return [system.register.order_by_id(each) for each in identities]


def _way_in(
    system: System, person: Person, orders: Sequence[StalkingProtectionOrder], now: datetime
) -> StalkingProtectionOrder | None:
    """The first of them by which this person may read the whole record."""
    open_to = (each for each in orders if may(system, person, Action.READ_PERSON, each, now))
    return next(open_to, None)


def found_by_search(
    system: System, person: Person, orders: Iterable[StalkingProtectionOrder], now: datetime
) -> list[StalkingProtectionOrder]:
    """Those that this person may find, each on record as found. Raises whatever keeps it off the log."""
    found = [each for each in orders if may(system, person, Action.SEARCH_PEOPLE, each, now)]
    for order in found:
        read = Read("search", order.reference, order.id, None, order.subject_id)
        consult(system, person, read, person.usual_purpose, now)
    return found


def may(
    system: System, person: Person, action: Action, order: StalkingProtectionOrder, now: datetime
) -> bool:
    """Whether the table allows it for what this person usually does."""
    standing = standing_of_order(system, person, order, now)
    purpose = person.usual_purpose
    return allowed(Asked(person.role, action, standing.relation, standing.state, purpose))
