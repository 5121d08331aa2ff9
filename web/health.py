"""Whether the process is up, and whether what it shows is live: for a load balancer and a monitor."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse, Response

from web.problems import problem
from web.requests import TheSystem

router = APIRouter(tags=["health"])
STALLED = 5.0
"""Seconds without a look at the log; it looks twice a second, and says so on every board after 4."""


@router.get("/healthz")
def up() -> Response:
    """The process answers."""
    return JSONResponse({"status": "up"})


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(system: TheSystem) -> Response:
    """What this process counts, in Prometheus's text format. Nothing in it is about a person."""
    told, media_type = system.monitor.exposition()
    return Response(told, headers={"Content-Type": media_type})


@router.get("/readyz")
def ready(system: TheSystem) -> Response:
    """The boards are live and every role of the process works; otherwise which stage stands still."""
    silent = system.board.silent_for()
    if silent > STALLED:
        told = f"The boards have not heard from the log for {silent:.0f} s."
        return problem(503, "BOARD_STALLED", told, headers={"Retry-After": "5"})
    stages = system.monitor.stalled()
    if stages:
        told = f"Not at work: {'; '.join(stages.values())}."
        return problem(503, "STAGE_STALLED", told, headers={"Retry-After": "5"})
    return JSONResponse({"status": "ready", "position": system.board.rows()[1]})
