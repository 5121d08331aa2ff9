"""The HTTP edge, measured by route: how many requests, how they ended, how long they took."""

from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANSWERING = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
NO_ROUTE = "none"
"""What was asked for does not exist, or was refused before anybody looked: its path is not a label."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class EdgeMeters:
    """A route is a label by its template, so that there are as many as the program has."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "spo_http_requests",
            "Requests answered, by route and kind of status",
            ["method", "route", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "spo_http_answer_seconds",
            "Time until an answer began",
            ["route"],
            buckets=ANSWERING,
            registry=registry,
        )
        self.under_way = Gauge(
            "spo_http_requests_under_way",
            "Requests being answered now, open boards among them",
            registry=registry,
        )
        self.put_off = Counter(
            "spo_http_requests_put_off",
            "Requests answered 429: somebody asked too often",
            ["route"],
            registry=registry,
        )
        self.sent_away = Counter(
            "spo_http_requests_sent_away",
            "Requests answered 503: too many wait, or what is needed does not answer",
            ["route"],
            registry=registry,
        )
        self.boards = Gauge("spo_boards_open", "Boards that follow the log now", registry=registry)


class Measured:
    """Around everything else of the edge, so that what is refused at the door is counted too."""

    def __init__(self, app: "ASGIApp", meters: EdgeMeters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 0

        async def answer(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._answered(scope, status, perf_counter() - begun)
            await send(message)

        with self._meters.under_way.track_inprogress():
            try:
                await self._app(scope, receive, answer)
            finally:
                if not status:
                    self._answered(scope, 500, perf_counter() - begun)

    def _answered(self, scope: "Scope", status: int, seconds: float) -> None:
        route = str(getattr(scope.get("route"), "path", NO_ROUTE))
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._meters.requests.labels(method, route, f"{status // 100}xx").inc()
        self._meters.seconds.labels(route).observe(seconds)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._meters.put_off.labels(route).inc()
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self._meters.sent_away.labels(route).inc()
