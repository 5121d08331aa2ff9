"""What a request brings: the system it is for, who sent it, and the fields of its form."""

from secrets import compare_digest
from typing import Annotated, Literal

from fastapi import Depends, Header, Path, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from domain.consultations import STATED
from projections.seen_by import SEEN_BY
from web.access import NotSignedIn
from web.doors import must_be_let_in
from web.sessions import Session
from web.system import System
from web.tokens import NotBelieved

COOKIE = "__Host-spowatch"
_MOST_FIELDS = 600
"""The longest form: forty terms of ten answers each, and what else is asked of an order."""
_BEARER = "Bearer "


_JSON = "application/json"

Reference = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f]+$",
        description="The force's order reference",
    ),
]
StatedPurpose = Annotated[
    Literal[STATED] | None,  # type: ignore[valid-type]  # of the members, whichever there are
    Header(alias="X-Purpose", description="Why it is read (Data Protection Act 2018 s.62(2))"),
]


class FormNotOurs(Exception):
    """The form has no token of this session, or another's: nothing was done."""


async def system_of(request: Request) -> System:
    """Like everything here that asks no disk, on the server's own loop: to go to a thread costs more than this."""
    system: System = request.app.state.system
    return system


TheSystem = Annotated[System, Depends(system_of)]


def signed_in(request: Request, system: TheSystem) -> Session:
    """The session of the page. Raises `NotSignedIn`, `NotForRole` at a door not for its role, `TooMany`."""
    token = request.cookies.get(COOKIE)
    if token is None:
        raise NotSignedIn
    return _let_in(request, system, system.sessions.find(token))


def _let_in(request: Request, system: System, session: Session) -> Session:
    action = must_be_let_in(session.person, request.method, request.scope["route"].path)
    request.state.session = session
    system.rations.count(session.person, action)
    return session


def holding_token(request: Request, system: TheSystem) -> Session:
    """The session of a program: its token stands in `Authorization`, where no other site can put it.

    Raises `NotSignedIn`, `NotForRole` at a door not for its role, `TooMany`.
    """
    given = request.headers.get("authorization", "")
    if given.startswith(_BEARER):
        return _let_in(request, system, _of_token(system, given.removeprefix(_BEARER)))
    session = signed_in(request, system)
    if request.method not in {"GET", "HEAD"}:
        _same(request.headers.get("x-csrf-token", ""), session)
    return session


def _of_token(system: System, token: str) -> Session:
    """By the provider's token of a program, or by a session's own. Raises `NotSignedIn`, `ProviderDown`."""
    if system.identity is None or "." not in token:
        return system.sessions.find(token)
    try:
        person, until = system.identity.program(token)
    except NotBelieved:
        raise NotSignedIn from None
    return Session(token, "", person, None, until)


def _seen_by(session: Session) -> Session:
    """What is read from here on in this request is read for this person's force, whatever a page asks."""
    SEEN_BY.set(session.person.force)
    return session


async def seen_by_page(session: Annotated[Session, Depends(signed_in)]) -> Session:
    """On the request's own task, so that the threads it asks see it too."""
    return _seen_by(session)


async def seen_by_program(session: Annotated[Session, Depends(holding_token)]) -> Session:
    return _seen_by(session)


SignedIn = Annotated[Session, Depends(seen_by_page)]
HoldingToken = Annotated[Session, Depends(seen_by_program)]


async def json_body(request: Request) -> bytes:
    """The bytes of a body in JSON; no body is an empty object."""
    named = request.headers.get("content-type", _JSON).partition(";")[0].strip().lower()
    if named != _JSON:
        raise HTTPException(415)
    return await request.body() or b"{}"


async def plain_form(request: Request) -> FormData:
    """The fields of a form; files are not taken anywhere."""
    request.state.form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    return request.state.form  # type: ignore[no-any-return]  # as it was put there


async def own_form(form: Annotated[FormData, Depends(plain_form)], session: SignedIn) -> FormData:
    """The fields of a form that one of our own pages showed in this session."""
    _same(str(form.get("csrf", "")), session)
    return form


def _same(given: str, session: Session) -> None:
    if not compare_digest(given.encode(), session.csrf.encode()):
        raise FormNotOurs


PlainForm = Annotated[FormData, Depends(plain_form)]
OwnForm = Annotated[FormData, Depends(own_form)]
