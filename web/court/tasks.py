"""Where recording begins: finding the order, and the list of what can be recorded of it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from domain.dossier import order_id
from domain.facts.breaches import BreachReported
from domain.facts.court import ApplicationMade, FullOrderGranted, InterimOrderGranted
from domain.vocabulary import UnreadableFact, read_short_text
from web.access import Person, Standing
from web.addresses import order_path
from web.court.commands import SECTIONS, Recording
from web.court.desk import order_if_theirs
from web.language import _
from web.order_access import allows, standing
from web.readable import OrderNamed
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem

router = APIRouter(include_in_schema=False)
_OF_A_NEW_ORDER = (ApplicationMade, InterimOrderGranted, FullOrderGranted, BreachReported)


@router.get("/record")
def find(system: TheSystem, session: SignedIn) -> Response:
    return page("court_find.html", session=session, demo=system.demo, given="", error=None)


@router.post("/record")
def found(system: TheSystem, session: SignedIn, form: OwnForm) -> Response:
    """To the order's list: a reference is no personal data, and may stand in an address."""
    given = str(form.get("reference", "")).strip()
    try:
        reference = read_short_text("reference", given)
    except UnreadableFact:
        error = _("Enter the force's order reference, up to 200 characters")
        shown = {"session": session, "demo": system.demo, "given": given[:200], "error": error}
        return page("court_find.html", status=422, **shown)
    path = order_path(str(reference), order_id(str(reference)))
    return RedirectResponse(f"{path}/record", status_code=303)


@router.get("/orders/{reference:path}/record")
def tasks(reference: OrderNamed, system: TheSystem, session: SignedIn) -> Response:
    """What this person may record of the order, and how often each was recorded before."""
    person = session.person
    known = system.register.order_by_id(order_id(reference))
    order = order_if_theirs(system, person, reference)
    stands = standing(system, person, known)
    counted = Counter(type(each.event) for each in (order.facts if order is not None else ()))
    now = system.now()
    return page(
        "court_tasks.html",
        session=session,
        demo=system.demo,
        reference=reference,
        order=order,
        known=bool(known.version),
        position=None if order is None else order.position(max(now, order.known_until or now)),
        sections=list(_sections(person, stands, new=not known.version)),
        counted=counted,
    )


def _sections(
    person: Person, stands: Standing, *, new: bool
) -> Iterator[tuple[str, Sequence[Recording]]]:
    """What this person may state, and of a new order what its record may begin with."""
    for title, recordings in SECTIONS:
        offered = [
            each
            for each in recordings
            if allows(person, each.kind, stands)
            and (not new or issubclass(each.kind, _OF_A_NEW_ORDER))
        ]
        if offered:
            yield title, offered
