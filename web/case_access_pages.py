"""Breaking the glass, judging it afterwards, and closing a case to an officer who is in it."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from domain.access import Action
from domain.case_access import SHORTEST_REASON, GlassReviewed, OfficerLinked
from domain.forces import ELIGIBLE, Force, find_force
from domain.glass import AccessDesk
from domain.orders import StalkingProtectionOrder
from web.addresses import order_path
from web.language import _
from web.readable import order_at
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem
from web.sessions import Session
from web.standing import must_be_allowed_on
from web.system import System

router = APIRouter(include_in_schema=False)
PROVEN_WITHIN = timedelta(minutes=15)
"""How long ago somebody must have proved at the most who they are, before the glass is broken."""


class NoSuchForce(ValueError):
    """Nobody's number can be of it."""


class ProveAgain(Exception):
    """It is not known that they proved lately who they are: somebody else may sit there now."""


def freshly_signed_in(system: TheSystem, session: SignedIn) -> Session:
    """Raises `ProveAgain`."""
    if session.proved is None or system.now() - session.proved > PROVEN_WITHIN:
        raise ProveAgain
    return session


Fresh = Annotated[Session, Depends(freshly_signed_in)]


@router.get("/break-glass")
def glass_page(system: TheSystem, session: Fresh) -> Response:
    return _shown(system, session, "break_glass.html", {})


@router.post("/break-glass")
def break_glass(system: TheSystem, session: Fresh, form: OwnForm) -> Response:
    """The record opens for an hour; its owners hear of it in the same transaction."""
    reference, reason = (str(form.get(name, "")).strip() for name in ("reference", "reason"))
    errors = {}
    if len(reason) < SHORTEST_REASON:
        errors["reason"] = _("Say why in at least 20 characters; the other force reads it")
    if not reference:
        errors["reference"] = _("Enter the order's reference")
    if errors:
        given = {"errors": errors, "reference": reference, "reason": reason}
        return _shown(system, session, "break_glass.html", given, status=422)
    order = _order(system, session, reference, Action.BREAK_GLASS)
    by = session.person.envelope(system.now(), order.subject_id)
    AccessDesk(system.register).break_glass(order, reason[:2000], by)
    return RedirectResponse(order_path(order.reference, order.id), status_code=303)


@router.get("/access/reviews")
def reviews(system: TheSystem, session: SignedIn) -> Response:
    """The glass broken on cases of this force, what is still to be judged first."""
    person = session.person
    glasses = [each for each in system.records.glasses() if person.of_force(each["owner"])]
    shown = {"glasses": glasses, "now": system.now()}
    return _shown(system, session, "glass_reviews.html", shown)


@router.post("/access/reviews")
def judged(system: TheSystem, session: SignedIn, form: OwnForm) -> Response:
    order = _order(system, session, str(form.get("reference", "")), Action.REVIEW_GLASS)
    try:
        reviewed = GlassReviewed(
            glass=int(str(form.get("glass", "")) or 0),
            justified={"yes": True, "no": False}[str(form.get("justified"))],
            comment=str(form.get("comment", "")).strip()[:2000] or None,
        )
    except (ValueError, KeyError):
        return RedirectResponse("/access/reviews", status_code=303)
    by = session.person.envelope(system.now(), order.subject_id)
    AccessDesk(system.register).review(order, reviewed, by)
    return RedirectResponse("/access/reviews", status_code=303)


@router.get("/access/linked")
def linked_page(system: TheSystem, session: SignedIn) -> Response:
    return _shown(
        system, session, "linked.html", {"forces": ELIGIBLE, "force": session.person.force}
    )


@router.post("/access/linked")
def link(system: TheSystem, session: SignedIn, form: OwnForm) -> Response:
    """An officer is closed out of a case, or let in again."""
    order = _order(system, session, str(form.get("reference", "")).strip(), Action.LINK_OFFICER)
    by = session.person.envelope(system.now(), order.subject_id)
    desk, staff = AccessDesk(system.register), str(form.get("staff", "")).strip()
    said = str(form.get("force", "")) or session.person.force
    found = find_force(said)
    try:
        whose = _name_of(found)
        if form.get("as") == "none":
            desk.unlink(order, staff, whose, by)
        else:
            desk.link(order, _linked(staff, whose, form), by)
    except (ValidationError, NoSuchForce):
        errors = {"staff": _("Enter a collar or payroll number, and how they are in the case")}
        given = {
            "errors": errors,
            "reference": order.reference,
            "staff": staff,
            "force": said,
            "forces": ELIGIBLE,
        }
        return _shown(system, session, "linked.html", given, status=422)
    linked = [f"{staff} ({of})" if of else staff for staff, of in desk.of(order).linked]
    told = {"reference": order.reference, "linked": linked, "force": said, "forces": ELIGIBLE}
    return _shown(system, session, "linked.html", told)


def _name_of(force: Force | None) -> str:
    """Raises `NoSuchForce`."""
    if force is None:
        raise NoSuchForce
    return force.name


def _linked(staff: str, force: str, form: FormData) -> OfficerLinked:
    given = {"staff": staff, "as_": str(form.get("as", "")), "force": force}
    return OfficerLinked.model_validate(given)


def _order(
    system: System, session: Session, reference: str, action: Action
) -> StalkingProtectionOrder:
    """Raises `NotYours`, alike for one that is not there and one that is not theirs."""
    order = order_at(system, reference)
    must_be_allowed_on(system, session.person, action, order, system.now())
    return order


def _shown(
    system: System, session: Session, template: str, told: dict[str, Any], status: int = 200
) -> Response:
    return page(template, status=status, session=session, demo=system.demo, told=told)
