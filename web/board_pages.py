"""The arrest board: the page, its stream, and the two things done on it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic_core import to_json
from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from domain.access import Action
from domain.desk.steps import Acknowledge
from domain.refusals import Refused
from domain.together import do_all
from web.board import Board
from web.consulting import readable_case
from web.hub import Beat, Changes, Missed
from web.language import language, speaking
from web.painting import Paint
from web.places import place
from web.problems import refusal
from web.rendering import page, rendered
from web.requests import OwnForm, SignedIn, TheSystem
from web.sessions import Session
from web.step_places import APlace, APlaceToTell
from web.streams import EventStream, OfOwnPage, SeenOnPage, event_told, news
from web.system import System
from web.views import (
    EVERY_FORCE,
    KINDS,
    MOST_ROWS,
    BoardAsked,
    View,
    counts,
    lists,
    view_for,
    with_fields,
)
from web.works import State

router = APIRouter(include_in_schema=False)
_WRITING = Lock()
_RETRY = 500
"""Milliseconds a browser waits before it asks again for a stream that broke."""
_MOST_PAINTED = 100
_MOST_VIEWS = 512
"""Of one generation; more than there are forces, kinds and languages that people have."""
_LOOKS, _LOOKED_EVERY = 50, 0.02
"""How often a board is looked at that does not show yet what was done on it; in seconds."""
_TOUCHED_EVERY = 60
"""Beats between two signs that a board is open: an open board is a person on duty."""


@router.get("/board")
def board(
    system: TheSystem, session: SignedIn, asked: Annotated[BoardAsked, Depends()]
) -> Response:
    view = view_for(session.person, asked)
    return page("board.html", **_shown(system, session, view), demo=system.demo)


def _shown(system: System, session: Session, view: View) -> dict[str, Any]:
    whole = _whole(system.board, view)
    return {
        "session": session,
        "view": view,
        "every_force": EVERY_FORCE,
        "position": whole.position,
        "lists": with_fields(whole.html, session.csrf, f"/board?{view.query}"),
        "kinds": KINDS,
        "totals": whole.totals,
        "unpainted": whole.unpainted,
        "works": view.of(system.board.state()),
        "now": system.now(),
    }


@router.get("/board/stream", dependencies=[OfOwnPage])
async def stream(
    system: TheSystem,
    session: SignedIn,
    asked: Annotated[BoardAsked, Depends()],
    seen: SeenOnPage,
    spoken: Annotated[str | None, Query(alias="in")] = None,
) -> Response:
    """`spoken`: the language of the page, whichever the browser keeps by now."""
    with speaking(spoken or language()):
        view = view_for(session.person, asked)
    told = _told(system, session, view, seen)
    return EventStream(told)


async def _told(system: System, session: Session, view: View, seen: int) -> AsyncGenerator[bytes]:
    """The board's news, then the end: the server stops, or the session is over."""
    yield ServerSentEvent("", event="begun", retry=_RETRY).encode()
    beats, works = 0, None
    async for each in news(system, session, seen):
        if isinstance(each, Beat):
            beats += 1
            if beats % _TOUCHED_EVERY == 0:
                await run_in_threadpool(system.sessions.find, session.token)
            if works != (works := view.of(system.board.state())):
                yield ServerSentEvent(works_json(works, view.language), event="works").encode()
            yield beat_told(each, view, system)
        elif isinstance(each, Missed):
            yield await run_in_threadpool(whole_told, system.board, view)
        elif (told := rows_told(each, view)) is not None:
            yield told


@lru_cache(maxsize=64)
def works_json(works: State, spoken: str) -> str:
    """What keeps alerts from the board, as it is told; written once for all boards."""
    with speaking(spoken):
        return _json({"html": rendered("board_works.html", works=works)})


@lru_cache(maxsize=256)
def beat_told(beat: Beat, view: View, system: System) -> bytes:
    """The event that tells a board that it is live, with the time and the counts of its view; written once for them all."""
    told = {"now": system.now(), **system.tallies.of(view)}
    return event_told("beat", beat.position, _json(told))


@lru_cache(maxsize=256)
def rows_told(changes: Changes, view: View) -> bytes | None:
    """The event that tells a board of these changes; written once for all boards of that view."""
    told = view.told(changes.each)
    return None if told is None else event_told("rows", changes.position, told)


@dataclass(frozen=True, slots=True)
class Whole:
    """What a view shows at one position of the log; `html` is its lists, with nobody's token."""

    html: str
    unpainted: list[str]
    totals: Mapping[str, int]
    position: int


def _whole(board: Board, view: View) -> Whole:
    """Many ask at once: they wait for the first of them, who has it written."""
    with _WRITING:
        return wholes(board, board.generation)(view)


@lru_cache(maxsize=1)
def wholes(board: Board, _generation: int) -> Callable[[View], Whole]:
    """What each view shows of that generation; what was so before takes no room."""
    return lru_cache(maxsize=_MOST_VIEWS)(partial(_whole_of, board))


def _whole_of(board: Board, view: View) -> Whole:
    """Everything a board shows; written once for all boards of that view."""
    rows, position = board.rows()
    totals = counts(rows, view)
    with speaking(view.language):
        shown = {"lists": lists(rows, view), "totals": totals, "most": MOST_ROWS, "view": view}
        html = rendered("board_lists.html", **shown)
    return Whole(html, view.unpainted(rows), totals, position)


def whole_told(board: Board, view: View) -> bytes:
    """The event that tells a board everything."""
    whole = _whole(board, view)
    return event_told(
        "all", whole.position, _json({"html": whole.html, "unpainted": whole.unpainted})
    )


def _json(value: Any) -> str:
    return to_json(value).decode()


@router.post("/board/painted")
def painted(system: TheSystem, session: SignedIn, form: OwnForm, _place: APlaceToTell) -> Response:
    """Which alerts a browser has painted; on record the first time, for alerts of this force.

    Many boards tell of the same: what one of them has told is not looked up again. Raises `Refused` for
    somebody who is off duty and has shown it to nobody: their board tells it again, they may come on.
    """
    told = (_alert(str(each)) for each in form.getlist("alert")[:_MOST_PAINTED])
    new = [each for each in told if each is not None and not system.board.is_presented(each)]
    if new:
        hand, now = session.person.hand, system.now()
        system.desk.must_be_on_duty(hand, now)
        do_all(system.register, new, hand, now, Paint())
    return Response(status_code=204)


def _alert(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


@router.post("/alerts/{alert}/acknowledge")
def acknowledge(
    request: Request,
    alert: UUID,
    system: TheSystem,
    session: SignedIn,
    form: OwnForm,
    _place: APlace,
) -> Response:
    """From the board: a script stays where it is, a browser without one comes back to where it was on the board."""
    readable_case(system, session.person, alert, Action.WORK_ALERT)
    with_script = "application/problem+json" in request.headers.get("accept", "")
    try:
        taken = system.desk.do(alert, session.person.hand, system.now(), Acknowledge())
    except Refused as refused:
        if with_script:
            return refusal(refused)
        return page(
            "refused.html",
            status=409,
            session=session,
            demo=system.demo,
            refused=refused.refusal,
            alert=alert,
            case=system.desk.case(alert),
        )
    if with_script:
        return Response(status_code=204)
    there = _back(str(form.get("back", "")), alert)
    return OnceShown(there, partial(system.board.shows, taken))


class OnceShown(RedirectResponse):
    """Back to a board that shows what was done; who waits for that has no place any more, and holds no thread."""

    def __init__(self, there: str, shown: Callable[[], bool]) -> None:
        super().__init__(there, status_code=303)
        self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(_LOOKS):
            if self._shown():
                break
            await asyncio.sleep(_LOOKED_EVERY)
        await super().__call__(scope, receive, send)


def _back(back: str, alert: UUID) -> str:
    return f"/alerts/{alert}?done=acknowledge" if back == "alert" else place(back)
