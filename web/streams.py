"""What every stream has in common: where it goes on, and that it ends with the session it was opened in."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header, Query
from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Send

from web.access import NotSignedIn
from web.hub import News
from web.requests import SignedIn
from web.sessions import Session
from web.system import System

ASKED_EVERY = timedelta(seconds=10)
"""How often an open stream asks whether its session still runs."""
_LAST = 2**62
_WHOLE = -1
_DIGITS = 19


def whole(given: str, most: int = _LAST) -> int | None:
    """The whole number in plain digits, none where it is anything else or more than `most`."""
    plain = given.isascii() and given.isdecimal() and len(given) <= _DIGITS
    return int(given) if plain and int(given) <= most else None


async def going_on(
    after: Annotated[int, Query(ge=0, le=_LAST)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> int:
    """The position to go on from: a browser that comes back says where it was."""
    known = whole(last_event_id or "")
    return after if known is None else known


async def going_on_or_anew(
    after: Annotated[int, Query(ge=_WHOLE, le=_LAST)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> int:
    """The same for the pages' own scripts, which ask for the whole by a position before the first."""
    return await going_on(after, last_event_id)


async def of_own_page(session: SignedIn, page: str | None = None) -> None:
    """A browser goes on with a stream by itself, as whoever has signed in there meanwhile.

    Raises `NotSignedIn` where the page was made in another session: it must be made anew.
    """
    if page is not None and page != session.mark:
        raise NotSignedIn


Seen = Annotated[int, Depends(going_on)]
SeenOnPage = Annotated[int, Depends(going_on_or_anew)]
OfOwnPage = Depends(of_own_page)


class EventStream(StreamingResponse):
    """Events as they come, past any proxy that would keep them. Who takes none is cut off by `PromptClients`."""

    media_type = "text/event-stream"

    def __init__(self, told: AsyncGenerator[bytes]) -> None:
        self._told = told
        super().__init__(told, headers={"X-Accel-Buffering": "no"})

    async def stream_response(self, send: Send) -> None:
        """What tells it is closed as the client goes, wherever it was."""
        async with aclosing(self._told):
            await super().stream_response(send)


def event_told(name: str, position: int, data: str) -> bytes:
    """An event as it goes over the wire."""
    return ServerSentEvent(data, event=name, id=str(position)).encode()


async def news(system: System, session: Session, seen: int) -> AsyncGenerator[News]:
    """What comes past that position, until the server stops or the session is over."""
    asked = system.now()
    async for each in system.hub.news(seen):
        now = system.now()
        if session.until is not None and now >= session.until:
            return
        if session.until is None and now - asked >= ASKED_EVERY:
            if not await run_in_threadpool(system.sessions.runs, session.token):
                return
            asked = now
        yield each
