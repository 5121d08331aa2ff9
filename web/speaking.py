"""Which language a request is answered in: the browser keeps it in a cookie, one link changes it."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.language import ENGLISH, LANGUAGES, speaking
from web.places import place

COOKIE = "__Host-spowatch-language"
_A_YEAR = 365 * 24 * 3600
router = APIRouter(include_in_schema=False)


class InLanguage:
    """Answers each request in the language its browser keeps."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
        with speaking(cookies.get(COOKIE, ENGLISH)):
            await self._app(scope, receive, send)


@router.get("/language/{name}")
def spoken_from_now(request: Request, name: str) -> Response:
    """Back to the page it was asked on, in the other language; the browser keeps it for a year."""
    answer = RedirectResponse(_asked_on(request), status_code=303)
    if name in LANGUAGES:
        answer.set_cookie(COOKIE, name, max_age=_A_YEAR, secure=True, httponly=True, samesite="lax")
    return answer


def _asked_on(request: Request) -> str:
    asked_on = urlsplit(request.headers.get("referer", ""))
    return place(f"{asked_on.path}?{asked_on.query}" if asked_on.query else asked_on.path)
