"""The HTTP edge as one application."""

from http import HTTPStatus
from math import ceil
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from domain.desk.refusals import refused_at_desk
from domain.refusals import Refused, refused
from projections.store import NotBuilt
from web import (
    alert_pages,
    audit_pages,
    board_list,
    board_pages,
    case_access_pages,
    health,
    hold_pages,
    provider_pages,
    reading,
    shift_pages,
    sign_in,
    speaking,
)
from web.access import NotForRole, NotSignedIn, NotYours
from web.api import alerts, audit, order_reads, orders, steps
from web.api.schemas import described
from web.court import pages as court_pages
from web.court import receipts, tasks
from web.edge import Edge
from web.kept import kept
from web.language import N_, _
from web.problems import problem, refusal, spoken_problem, wrong_places
from web.provider import ProviderDown
from web.rations import TooMany
from web.rendering import STATIC, page
from web.requests import FormNotOurs, plain_form
from web.security import Guarded
from web.step_places import AT_ONCE, TELLING, StepPlaces
from web.system import System

_ROUTERS = (
    orders.router,
    steps.router,
    alerts.router,
    order_reads.router,
    audit.router,
    orders.unknown,
    health.router,
    sign_in.router,
    provider_pages.router,
    case_access_pages.router,
    audit_pages.router,
    speaking.router,
    board_pages.router,
    board_list.router,
    alert_pages.router,
    shift_pages.router,
    hold_pages.router,
    court_pages.router,
    receipts.router,
    tasks.router,
    *reading.ROUTERS,
)
"""In the order in which a request's route is looked for among them. Their routes lie flat in the application: FastAPI
looks twice through every router that it includes, for each request."""


def application(system: System, *, hosts: tuple[str, ...]) -> ASGIApp:
    """Everything under one roof, behind one guard. `hosts`: the names the server answers to."""
    app = routed()
    app.state.system = system
    app.state.step_places, app.state.telling_places = StepPlaces(AT_ONCE), StepPlaces(TELLING)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_api_route("/", _home, include_in_schema=False)
    app.add_exception_handler(NotSignedIn, _sign_in_first)
    app.add_exception_handler(NotYours, _not_found)
    app.add_exception_handler(NotForRole, _not_for_role)
    app.add_exception_handler(TooMany, _too_many)
    app.add_exception_handler(ProviderDown, _provider_down)
    app.add_exception_handler(case_access_pages.ProveAgain, _prove_again)
    app.add_exception_handler(FormNotOurs, _form_not_ours)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(NotBuilt, _not_made_yet)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _as_it_is)
    app.add_middleware(Edge)
    return speaking.InLanguage(Guarded(app, hosts=hosts, demo=system.demo))


def routed() -> FastAPI:
    """Every route, for nothing yet."""
    app = FastAPI(
        title="spowatch",
        version="1",
        summary="Arrest alerts of Stalking Protection Orders, and what is done about them",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    for each in _ROUTERS:
        app.router.routes += each.routes
    app.openapi = lambda: described(app)  # type: ignore[method-assign]  # FastAPI's own way
    return app


def openapi() -> dict[str, Any]:
    """The API as OpenAPI 3.1 describes it."""
    return routed().openapi()


def _home() -> Response:
    return RedirectResponse("/board", status_code=303)


def _for_a_program(request: Request) -> bool:
    asked = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or "json" in asked or "event-stream" in asked


def _answer(request: Request, status: int, code: str, detail: str) -> Response:
    """`detail` in the language that is spoken."""
    if _for_a_program(request):
        return spoken_problem(status, code, detail)
    system: System = request.app.state.system
    here = "/you" if status == HTTPStatus.FORBIDDEN else "/board"
    shown = {"status_code": status, "detail": detail, "here": here}
    return page("problem.html", status=status, demo=system.demo, **shown)


async def _sign_in_first(request: Request, __: Exception) -> Response:
    if _for_a_program(request):
        told = _("You are not signed in, or were for too long. Sign in; nothing was done.")
        return _answer(request, 401, "NOT_SIGNED_IN", told)
    if request.method == "POST":
        told = _(
            "You are not signed in any more. Nothing was done. Sign in, then come back to this page and go on."
        )
        return await _kept(request, 401, told)
    return RedirectResponse(f"/sign-in?{_back_to(request)}", status_code=303)


async def _kept(request: Request, status: int, why: str) -> Response:
    """The form with all that was typed, be it that nobody has read it yet."""
    await plain_form(request)
    return kept(request.scope, status, why)


def _back_to(request: Request) -> str:
    """The page asked for, with what of it was asked for: which force's board, which filters."""
    path, asked = quote(request.scope["path"]), request.url.query
    return urlencode({"to": f"{path}?{asked}" if asked else path})


def _not_found(request: Request, __: Exception) -> Response:
    """Exactly as where there is none: whoever guesses learns nothing of what others have."""
    path = request.url.path
    if "/orders/" in path:
        return _refused(request, refused("UNKNOWN_ORDER"))
    if "/alerts/" in path:
        return _refused(request, refused_at_desk("NO_SUCH_ALERT"))
    told = _("There is nothing here for you. Look the alert up on the board of your force.")
    return _answer(request, 404, "NOT_FOUND", told)


def _prove_again(request: Request, __: Exception) -> Response:
    """To the sign-in, and back here; there the provider asks for the password again."""
    system: System = request.app.state.system
    there = "/sign-in" if system.identity is None else "/sign-in/go"
    again = "" if system.identity is None else "&again=yes"
    return RedirectResponse(f"{there}?{_back_to(request)}{again}", status_code=303)


def _not_for_role(request: Request, __: Exception) -> Response:
    told = _("That is not for your role. Ask a supervisor of your force; nothing was done.")
    return _answer(request, 403, "NOT_FOR_ROLE", told)


async def _too_many(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, TooMany)  # noqa: S101 - what it was registered for
    told = _(
        "That was asked too often in a minute. Wait, and ask again; nothing was done. Alerts and reports of breaches are never kept waiting."
    )
    if request.method == "POST" and not _for_a_program(request):
        answer = await _kept(request, 429, told)
    else:
        answer = _answer(request, 429, "TOO_MANY", told)
    answer.headers["Retry-After"] = str(ceil(fault.wait))
    return answer


def _not_made_yet(request: Request, __: Exception) -> Response:
    told = _(
        "This list is being made from the log. Look again in a minute; if it stays so, tell the on-call team that the role project does not run."
    )
    answer = _answer(request, 503, "LIST_NOT_MADE_YET", told)
    answer.headers["Retry-After"] = "5"
    return answer


def _provider_down(_request: Request, __: Exception) -> Response:
    told = "The provider of sign-ins does not answer, and the token cannot be checked. Try again."
    return problem(503, "PROVIDER_DOWN", told, headers={"Retry-After": "5"})


async def _form_not_ours(request: Request, __: Exception) -> Response:
    """From a page of ours (`Guarded` sees to that), opened before they signed in."""
    if not _for_a_program(request):
        told = _("The form was opened before you signed in. Read your answers, then send them.")
        return await _kept(request, 403, told)
    told = _("This form was opened in another session. Open the page again; nothing was done.")
    return _answer(request, 403, "FORM_NOT_OURS", told)


def _refused(request: Request, no: Exception) -> Response:
    assert isinstance(no, Refused)  # noqa: S101 - what it was registered for
    answer = refusal(no)
    if _for_a_program(request):
        return answer
    return _answer(request, answer.status_code, "", _(no.refusal.sentence))


def _unreadable(request: Request, fault: Exception) -> Response:
    """What is wrong and where, without a word of what was sent."""
    assert isinstance(fault, RequestValidationError)  # noqa: S101 - what it was registered for
    if not _for_a_program(request):
        return _not_found(request, fault)
    errors = wrong_places(fault.errors(), _PLACES)
    return problem(422, "UNREADABLE", "Some of what was sent cannot be read.", errors=errors)


def _as_it_is(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101 - what it was registered for
    told = _(_SAID.get(fault.status_code, _ANY_OTHER))
    answer = _answer(request, fault.status_code, f"HTTP_{fault.status_code}", told)
    answer.headers.update(fault.headers or {})
    return answer


_PLACES = {
    *("body", "path", "query", "header", "alert", "reference", "after", "limit"),
    *("idempotency-key", "if-match", "x-purpose", "last-event-id"),
}
_ANY_OTHER = N_("The request cannot be answered as it is.")
_SAID = {
    400: N_("What was sent cannot be read as a form or as JSON."),
    404: N_("There is no such page."),
    405: N_("That cannot be done here."),
    415: N_("Send it as application/json, in UTF-8 and not compressed."),
}
