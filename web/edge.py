"""The edge of the pages and the API, where whatever nobody expected becomes an answer."""

from http import HTTPStatus

import structlog
from eventsourcing.persistence import IntegrityError, PersistenceError
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.entering import OrderBusy
from web.kept import kept
from web.language import _
from web.problems import (
    BodyNotTaken,
    Problem,
    headed_as,
    read_by_people,
    shown,
    spoken_problem,
)

_log = structlog.get_logger()


class Edge:
    """The one place of the HTTP side where a fault is caught (style.md section 8).

    Neither the answer nor the log line has a word of what was asked or read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except BodyNotTaken as fault:
            if begun:
                raise
            await _seen(fault.answer, scope)(scope, receive, send)
        except Exception as fault:  # noqa: BLE001 - the HTTP edge
            route = getattr(scope.get("route"), "path", None)
            _log.error("http fault", route=route, fault=type(fault).__name__)
            if not begun:
                await _seen(_fault(fault), scope)(scope, receive, send)


def _seen(answer: Problem, scope: Scope) -> Response:
    """What was sent in a form is shown with why it was not taken: nobody types it again."""
    of_ours = {"form", "session"} <= scope.get("state", {}).keys()
    if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE and of_ours and read_by_people(scope):
        return headed_as(answer, kept(scope, answer.status_code, answer.detail))
    return shown(answer, scope, demo=scope["app"].state.system.demo)


def _fault(fault: Exception) -> Problem:
    if isinstance(fault, IntegrityError):
        told = _(
            "Others wrote to the same record first, again and again. Send it again; nothing was done."
        )
        return spoken_problem(503, "RECORD_BUSY", told, {"Retry-After": "1"})
    if isinstance(fault, OrderBusy):
        told = _(
            "Many others wait to write, on this order or on others. Send it again; nothing was done."
        )
        return spoken_problem(503, "ORDER_BUSY", told, {"Retry-After": "1"})
    if isinstance(fault, PersistenceError):
        told = _(
            "The store does not answer. Send it again in a moment, a command under the same Idempotency-Key: what was done before it fell silent is not done twice."
        )
        return spoken_problem(503, "STORE_UNAVAILABLE", told, {"Retry-After": "2"})
    told = _(
        "Something is wrong here, and it was noted. Look whether it was done before you repeat it."
    )
    return spoken_problem(500, "FAULT", told)
