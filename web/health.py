"""Whether the process is up, and whether what it shows is live: for a load balancer and a monitor."""

from ipaddress import ip_address

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from web.problems import PROBLEMS, problem
from web.requests import TheSystem

router = APIRouter(tags=["health"], responses=PROBLEMS)
_FORWARDED = {"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "via"}
STALLED = 5.0
"""Seconds without a look at the log; it looks twice a second, and says so on every board after 4."""


@router.get("/healthz")
def up() -> Response:
    """The process answers."""
    return JSONResponse({"status": "up"})


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request, system: TheSystem) -> Response:
    """What this process counts, in Prometheus's text format, to whoever asks from this machine itself."""
    if not _from_this_machine(request):
        told = "Asked from elsewhere, this port tells no metrics. Set SPO_METRICS__PORT and SPO_METRICS__HOST, and ask there."
        return problem(403, "ASK_THE_METRICS_PORT", told)
    exposed, media_type = system.monitor.exposition()
    return Response(exposed, headers={"Content-Type": media_type})


def _from_this_machine(request: Request) -> bool:
    """Not by way of a proxy, which may stand on this machine too."""
    if _FORWARDED & set(request.headers):
        return False
    return request.client is not None and ip_address(request.client.host).is_loopback


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
