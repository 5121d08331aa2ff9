"""The order's page: everything on record of it in words, newest first, and its alerts that are open."""

from fastapi import APIRouter
from starlette.responses import Response

from web.consulting import Read, consult
from web.rendering import page
from web.requests import SignedIn, TheSystem

router = APIRouter(include_in_schema=False)


@router.get("/orders/{reference:path}")
def order_page(reference: str, system: TheSystem, session: SignedIn) -> Response:
    """Words for every event; one this release does not know is said by its name and its fields."""
    now, person = system.now(), session.person
    order = system.register.order(reference)
    read = Read("order", order.reference, order.id, None, order.subject_id)
    consult(system, person, read, person.usual_purpose, now)
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
