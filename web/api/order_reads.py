"""Orders as the API tells them: where one stands and how it got there, read for a purpose on record."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from domain.consultations import Purpose
from domain.orders import StalkingProtectionOrder
from web.access import Person
from web.preconditions import etag
from web.problems import PROBLEMS, purpose_needed
from web.readable import order_at, read_order
from web.requests import HoldingToken, Reference, StatedPurpose, TheSystem
from web.system import System

router = APIRouter(prefix="/api/v1", tags=["orders"], responses=PROBLEMS)


@router.get("/orders/{reference:path}/history")
def history(
    reference: Reference, system: TheSystem, session: HoldingToken, x_purpose: StatedPurpose = None
) -> Response:
    """Everything on record of the order in words, oldest first; the place of each is its version."""
    if x_purpose is None:
        return purpose_needed()
    order = _consulted(system, session.person, reference, x_purpose)
    events = list(system.records.history(order.id))
    return _as_of(order, {"order": order.reference, "version": order.version, "history": events})


@router.get("/orders/{reference:path}")
def order_now(
    reference: Reference, system: TheSystem, session: HoldingToken, x_purpose: StatedPurpose = None
) -> Response:
    """Status, what is in force, terms, duties and findings now. Its ETag is the version, for `If-Match`."""
    if x_purpose is None:
        return purpose_needed()
    order = _consulted(system, session.person, reference, x_purpose)
    return _as_of(order, system.records.account(order, system.now()))


def _consulted(
    system: System, person: Person, reference: str, purpose: Purpose
) -> StalkingProtectionOrder:
    """The order, named as a page's address names it, once it is on record who reads it and why. Raises `NotYours`."""
    order = order_at(system, reference)
    read_order(system, person, order, purpose, system.now())
    return order


def _as_of(order: StalkingProtectionOrder, told: dict[str, Any]) -> Response:
    return JSONResponse(told, headers={"ETag": etag(order.version)})
