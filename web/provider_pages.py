"""Sign-in by the force's own provider: there, back, and out again (OpenID Connect, code flow with PKCE)."""

from secrets import compare_digest
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from web.access import NotYours
from web.accounts import Identity, NoAccount
from web.attempts import WITHIN, Attempt, NoSuchAttempt
from web.cookies import begun_session
from web.doors import home
from web.language import _
from web.places import place
from web.provider import CodeRefused, ProviderDown
from web.rates import Rate
from web.rendering import page
from web.requests import COOKIE, TheSystem
from web.system import System
from web.tokens import NotBelieved

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger()
_ATTEMPT = "__Host-spowatch-attempt"
_BEGUN = Rate(120, per=60.0)
_FAILED = Rate(30, per=60.0)
"""By address: a whole control room may sit behind one, and come on duty at once."""
_Short = Annotated[str, Query(max_length=4096)]


@router.get("/sign-in/go")
def go(request: Request, system: TheSystem, to: str = "/board", again: str = "") -> Response:
    """To the provider. `again`: sign in anew, though signed in there."""
    identity = _identity(system)
    if not _BEGUN.takes(_caller(request)):
        return _not_in(system, 429, _("Too many sign-ins were begun from here. Wait a minute."))
    attempt = identity.attempts.begin(place(to))
    try:
        there = identity.provider.page(
            attempt.state, attempt.nonce, attempt.verifier, again=bool(again)
        )
    except ProviderDown:
        return _down(system)
    answer = RedirectResponse(there, status_code=303)
    longest = int(WITHIN.total_seconds())
    answer.set_cookie(
        _ATTEMPT, attempt.state, max_age=longest, secure=True, httponly=True, samesite="lax"
    )
    return answer


@router.get("/sign-in/back")
def back(
    request: Request,
    system: TheSystem,
    state: _Short = "",
    code: _Short = "",
    iss: _Short = "",
) -> Response:
    """From the provider, in the browser that went there, once."""
    identity = _identity(system)
    if not _FAILED.has_room(_caller(request)):
        return _not_in(system, 429, _("Too many sign-ins failed from here. Wait a minute."))
    try:
        attempt = _attempt(request, identity, state, iss)
        person, proved = identity.who(code, attempt.verifier, attempt.nonce, system.machine)
    except ProviderDown:
        return _down(system)
    except NoAccount:
        told = _(
            "Your account has no role, force or number here. Ask who manages accounts in your force."
        )
        return _failed(request, system, 403, told)
    except (NoSuchAttempt, CodeRefused, NotBelieved):
        told = _("This sign-in was not finished here, or took too long. Begin again.")
        return _failed(request, system, 400, told)
    before = request.cookies.get(COOKIE)
    if before is not None:
        system.sessions.end(before)
    onward = attempt.onward if attempt.onward != "/board" else home(person)
    answer = page("onward.html", demo=system.demo, onward=onward, came=True)
    answer.delete_cookie(_ATTEMPT, secure=True, httponly=True, samesite="lax")
    begun_session(answer, system.sessions.begin(person, proved))
    return answer


def _attempt(request: Request, identity: Identity, state: str, iss: str) -> Attempt:
    """Raises `NoSuchAttempt` for another browser's, another provider's, or one that came back before."""
    if not compare_digest(request.cookies.get(_ATTEMPT, "").encode(), state.encode()):
        raise NoSuchAttempt
    attempt = identity.attempts.take(state)
    if iss != identity.provider.issuer and (iss or identity.provider.says_who_answers):
        raise NoSuchAttempt
    return attempt


def signed_out(identity: Identity) -> Response:
    """The page that goes on to the provider, to be signed out there too."""
    onward = identity.provider.leaving(f"{identity.address}/sign-in") or "/sign-in"
    return page("onward.html", demo=False, onward=onward, came=False)


def _identity(system: System) -> Identity:
    if system.identity is None:
        raise NotYours
    return system.identity


def _caller(request: Request) -> str:
    return "" if request.client is None else request.client.host


def _failed(request: Request, system: System, status: int, told: str) -> Response:
    _FAILED.takes(_caller(request))
    _log.warning("sign-in failed", status=status)
    return _not_in(system, status, told)


def _down(system: System) -> Response:
    _log.error("sign-in provider does not answer")
    told = _(
        "The force's sign-in does not answer. Whoever is signed in goes on working; try again in a moment."
    )
    return _not_in(system, 503, told)


def _not_in(system: System, status: int, told: str) -> Response:
    answer = page("not_signed_in.html", status=status, demo=system.demo, told=told)
    if status in {429, 503}:
        answer.headers["Retry-After"] = "60" if status == 429 else "5"  # noqa: PLR2004 - too many requests
    return answer
