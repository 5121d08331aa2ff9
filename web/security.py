"""What every answer and every request is held to, before any page or command sees it."""

import asyncio
from collections.abc import Iterable
from time import monotonic
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.language import _
from web.problems import BodyNotTaken, Problem, shown, spoken_problem, too_large, too_slow

MOST_BODY = 1024 * 1024
"""Bytes. The longest lawful text is a fiftieth of it."""
BODY_WITHIN = 10.0
"""Seconds for all of a body."""

_RULES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types spowatch-rows",
)
HEADERS = {
    "Content-Security-Policy": "; ".join(_RULES),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Guarded:
    """Hosts known, bodies small, commands from our own pages, headers on everything."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], demo: bool) -> None:
        """`hosts`: the names this server answers to; another name is a rebinding trick."""
        self._app = app
        self._demo = demo
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _WithHeaders(send, scope["path"])
        refusal = self._refusal(scope)
        if refusal is not None:
            await shown(refusal, scope, demo=self._demo)(scope, receive, answer)
            return
        await self._app(scope, _Counted(receive), answer)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if _host_in(f"//{headers.get('host', '')}") not in self._hosts:
            told = _("This server is not known by that name.")
            return spoken_problem(421, "WRONG_HOST", told)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or int(length) > MOST_BODY:
            return too_large(MOST_BODY)
        if headers.get("content-encoding", "identity") != "identity":
            return spoken_problem(415, "COMPRESSED", _("Send it as it is, not compressed."))
        if scope["method"] not in _SAFE and not _from_here(headers):
            told = _("This was sent from another site. Open the page here and send it again.")
            return spoken_problem(403, "FROM_ANOTHER_SITE", told)
        return None


def _from_here(headers: Headers) -> bool:
    """Browsers say where a command comes from; a program says nothing and carries a token."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _host_in(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


class _Counted:
    """The body as it comes, up to its limits; what is waited for after it has none."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0
        self._until = monotonic() + BODY_WITHIN
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._until - monotonic())
        except TimeoutError:
            raise BodyNotTaken(too_slow(BODY_WITHIN)) from None
        self._whole = not message.get("more_body", False)
        self._taken += len(message.get("body", b""))
        if self._taken > MOST_BODY:
            raise BodyNotTaken(too_large(MOST_BODY))
        return message


class _WithHeaders:
    def __init__(self, send: Send, path: str) -> None:
        self._send = send
        self._kept = path.startswith("/static/")

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            lasting = "public, max-age=31536000, immutable"
            headers["Cache-Control"] = lasting if self._kept else "no-store"
        await self._send(message)
