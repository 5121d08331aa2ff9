"""The order's page: everything on record of it in words, newest first, and its alerts that are open."""

from fastapi import APIRouter
from starlette.responses import Response

from domain.forces import find_force
from domain.orders import StalkingProtectionOrder
from web.access import NotYours, Person
from web.consulting import Read, consult, usual_purpose
from web.rendering import page
from web.requests import SignedIn, TheSystem
from web.system import System

router = APIRouter(include_in_schema=False)


@router.get("/orders/{reference:path}")
def order_page(reference: str, system: TheSystem, session: SignedIn) -> Response:
    """Words for every event; one this release does not know is said by its name and its fields."""
    now, person = system.now(), session.person
    order = system.register.order(reference)
    if not _may_read(system, person, order):
        raise NotYours
    read = Read("order", order.reference, order.id, None, order.subject_id)
    consult(system, person, read, usual_purpose(person.role), now)
    position = order.position(max(now, order.known_until or now))
    return page(
        "order.html",
        session=session,
        demo=system.demo,
        order=order,
        milestone=position.status,
        in_force=position.in_force,
        alerts=system.board.about(order.subject_id),
        history=list(reversed(system.records.history(order.id))),
    )


def _may_read(system: System, person: Person, order: StalkingProtectionOrder) -> bool:
    """The force whose order it is, and every force that has an open alert on it."""
    if find_force(order.force) is find_force(person.force):
        return True
    alerts = system.board.about(order.subject_id)
    return any(row.force == person.force and row.raised.order_id == order.id for row in alerts)
