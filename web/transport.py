"""Turns away who comes in the clear, where TLS is ended by us or by a proxy that we trust."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import problem

_A_YEAR = "max-age=31536000; includeSubDomains"
_PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by the load balancer from inside; nothing in them is about anybody."""


class OverTlsAlone:
    """Every answer tells browsers to keep to TLS (HSTS)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        clear = scope["type"] == "http" and scope["scheme"] != "https"
        if clear and scope["path"] not in _PROBES:
            told = "This is answered over TLS alone. Use the https address."
            await problem(403, "TLS_NEEDED", told)(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Strict-Transport-Security"] = _A_YEAR
            await send(message)

        await self._app(scope, receive, answer)
