"""Sign-in and sign-out: by the force's provider, or in a demonstration anybody on this machine, as anybody."""

from collections.abc import Iterator

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from domain.access import PEOPLE, Role
from domain.facts.words import is_staff_number
from domain.forces import ELIGIBLE
from web import words
from web.access import NotYours, Person
from web.cookies import begun_session, ended_session
from web.doors import home, ways
from web.language import _
from web.places import place
from web.provider_pages import signed_out
from web.rendering import page
from web.requests import OwnForm, PlainForm, SignedIn, TheSystem
from web.system import System

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def sign_in(system: TheSystem, to: str = "/board") -> Response:
    if system.identity is not None:
        return page("sign_in_by_provider.html", demo=system.demo, to=place(to))
    return _page(system, {"to": to}, {})


@router.post("/sign-in")
def signed_in_now(system: TheSystem, form: PlainForm) -> Response:
    if not system.demo:
        raise NotYours
    given = {name: str(value) for name, value in form.items()}
    errors = dict(_errors(form))
    if errors:
        return _page(system, given, errors, status=422)
    person = Person(
        given["staff"], Role(given["role"]), given["force"], system.machine, everywhere=True
    )
    session = system.sessions.begin(person, system.now())
    answer = RedirectResponse(_onward(person, given.get("to", "")), status_code=303)
    begun_session(answer, session)
    return answer


def _onward(person: Person, to: str) -> str:
    """Where they wanted to go; where their role begins, when they only came."""
    onward = place(to)
    return home(person) if onward == "/board" else onward


@router.get("/you")
def you(system: TheSystem, session: SignedIn) -> Response:
    """Who is signed in, and what is open to them."""
    return page("you.html", session=session, demo=system.demo, ways=ways(session.person))


@router.post("/sign-out")
def sign_out(system: TheSystem, session: SignedIn, __: OwnForm) -> Response:
    system.sessions.end(session.token)
    onward = system.identity
    answer = RedirectResponse("/sign-in", status_code=303) if onward is None else signed_out(onward)
    ended_session(answer)
    return answer


def _page(
    system: System, given: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    waiting = _waiting(system)
    busiest = max(waiting, key=lambda force: waiting[force], default="Metropolitan Police")
    values = {"staff": "4812", "role": "operator", "force": busiest} | given
    forces = [
        {
            "value": force,
            "text": _("%(force)s (%(number)s waiting)", force=force, number=waiting.get(force, 0)),
        }
        for force in ELIGIBLE
    ]
    return page(
        "sign_in.html",
        status=status,
        demo=system.demo,
        values=values,
        errors=errors,
        error_list=[{"text": told, "href": f"#{field}"} for field, told in errors.items()],
        forces=forces,
        roles=[
            {"value": str(role), "text": _(words.ROLES[role])} for role in Role if role in PEOPLE
        ],
    )


def _waiting(system: System) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in system.board.rows()[0]:
        if row.waits:
            counts[row.force] = counts.get(row.force, 0) + 1
    return counts


def _errors(form: FormData) -> Iterator[tuple[str, str]]:
    if not is_staff_number(str(form.get("staff", ""))):
        yield "staff", _("Enter your collar or payroll number: letters, digits and hyphens")
    if form.get("role") not in PEOPLE:
        yield "role", _("Choose what you are on duty as")
    if form.get("force") not in ELIGIBLE:
        yield "force", _("Choose your force")
