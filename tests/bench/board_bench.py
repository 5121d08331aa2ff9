"""A1: from a breach accepted to a row painted in real Chromium, beside a bare push of the same row.

The baseline is `sse-starlette` alone, in a process of its own: a push handed to it until the same browsers
have painted what was pushed. It stores nothing, decides nothing, and raises no alert.
"""

import asyncio
import json
import random
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from playwright.sync_api import Page, sync_playwright
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from domain.alerts import AlertRaised
from spowatch.log_pages import pages, stream_of
from tests.bench.log_bench import Figure
from tests.bench.processor_time import taken_by, taken_by_browsers
from tests.program import PATIENCE
from tests.store.other_processes import SPAWN
from tests.web.browser import chromium
from tests.web.site import Site, site_at
from tests.web.walks import sign_in

FULL = (20, 150, 500)
QUICK = (5, 40, 50)
"""Boards, breaches one by one, breaches at once."""
_A_SECOND = 5
_PEOPLE = 50
_LOOK = 0.1
_PATIENCE = 4 * PATIENCE
_BARE = b"""<!doctype html><ul id=rows></ul><script>
new EventSource('/stream').onmessage = (event) => {
  document.getElementById('rows').insertAdjacentHTML('beforeend', JSON.parse(event.data)) }</script>"""
_WATCH = """(() => {
  window.painted = {}
  const seen = new Set()
  const look = () => {
    const fresh = [...document.querySelectorAll('[data-row]')].filter((row) => !seen.has(row.dataset.row))
    if (!fresh.length) return
    for (const row of fresh) seen.add(row.dataset.row)
    requestAnimationFrame(() => {
      const painted = new MessageChannel()
      painted.port1.onmessage = () => {
        const at = performance.timeOrigin + performance.now()
        for (const row of fresh) window.painted[row.dataset.row] = at
      }
      painted.port2.postMessage(0)
    })
  }
  document.addEventListener('DOMContentLoaded', () => {
    look()
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
  })
})()"""
"""When each row was painted: after the frame that first shows it, in milliseconds of the wall clock."""

Samples = list[float]


def figures(sizes: tuple[int, int, int] = FULL) -> Iterator[Figure]:
    boards, breaches, storm = sizes
    with TemporaryDirectory() as folder, ExitStack() as stack:
        site = stack.enter_context(site_at(Path(folder)))
        push = stack.enter_context(bare_server())
        ours, bare = stack.enter_context(_opened(site, boards, push.port))
        for number in range(_PEOPLE):
            site.order(_order(number))
        painted, pushed = _steady(site, ours, bare, push, breaches)
        name = f"accepted -> painted, {boards} boards, {_A_SECOND}/s"
        for percent, goal in ((50, "<= 50"), (99, "<= 250")):
            value, base = (_percentile(each, percent) for each in (painted, pushed))
            yield Figure(f"{name}, p{percent}", "ms", value, base, value / base, goal, painted)
        names = [f"storm-{number}" for number in range(storm)]
        pushed_all = _storm(bare, site, lambda: push.rows(*names), lambda: names)
        before, each = len(_alerts(site, 0)), storm // _PEOPLE
        ours_all = _storm(
            ours,
            site,
            lambda: _break_all(site, each),
            lambda: _alerts(site, before + each * _PEOPLE)[before:],
        )
        yield from _at_once(f"{storm} at once", ours_all, pushed_all)


def _percentile(samples: Samples, percent: int) -> float:
    return quantiles(samples, n=100)[percent - 1]


def _order(number: int) -> str:
    return f"KENT-A1-{number % _PEOPLE}"


class _Push:
    """The bare server, spoken to from here."""

    def __init__(self, port: int, wire: Any) -> None:
        self.port = port
        self._wire = wire

    def rows(self, *names: str) -> None:
        self._wire.send(names)


@contextmanager
def bare_server() -> Iterator[_Push]:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve_bare, args=(theirs,), daemon=True)
    process.start()
    try:
        yield _Push(ours.recv(), ours)
    finally:
        process.kill()
        process.join()


class _Bare:
    """A page, a stream, and whoever listens."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()
        self.app = Starlette(routes=[Route("/", self._page), Route("/stream", self._stream)])

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(_BARE)

    async def _stream(self, _: Request) -> Response:
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(queue)
        return EventSourceResponse(self._told(queue))

    async def _told(self, queue: asyncio.Queue[str]) -> AsyncIterator[dict[str, str]]:
        while True:
            yield {"data": await queue.get()}

    def tell(self, names: tuple[str, ...]) -> None:
        for name in names:
            row = json.dumps(f'<li data-row="{name}">{"row " * 400}</li>')
            for queue in self._listeners:
                queue.put_nowait(row)


def _serve_bare(wire: Any) -> None:
    bare = _Bare()

    async def serve() -> None:
        config = uvicorn.Config(bare.app, port=0, log_config=None, lifespan="off")
        server, loop = uvicorn.Server(config), asyncio.get_running_loop()
        socket = config.bind_socket()
        wire.send(socket.getsockname()[1])

        def hear() -> None:
            while True:
                loop.call_soon_threadsafe(bare.tell, wire.recv())

        threading.Thread(target=hear, daemon=True).start()
        await server.serve(sockets=[socket])

    asyncio.run(serve())


@contextmanager
def _opened(site: Site, boards: int, port: int) -> Iterator[tuple[list[Page], list[Page]]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        ours, bare = [], []
        for _ in range(boards):
            page = browser.new_context().new_page()
            page.add_init_script(_WATCH)
            sign_in(page, site)
            ours.append(page)
            page = browser.new_context().new_page()
            page.add_init_script(_WATCH)
            page.goto(f"http://127.0.0.1:{port}/")
            bare.append(page)
        yield ours, bare
        browser.close()


def _steady(
    site: Site, ours: list[Page], bare: list[Page], push: _Push, breaches: int
) -> tuple[Samples, Samples]:
    """Breaches and bare pushes by turns, at random moments; every board's every row is a sample."""
    accepted: Samples = []
    pushed: dict[str, float] = {}
    pause = threading.Event()
    for number in range(breaches):
        pause.wait(random.expovariate(_A_SECOND))
        site.breach(_order(number))
        accepted.append(_now())
        pause.wait(random.expovariate(_A_SECOND))
        pushed[f"bare-{number}"] = _now()
        push.rows(f"bare-{number}")
    alerts = _alerts(site, breaches)
    at = dict(zip(alerts, accepted, strict=True))
    return _waits(ours, at), _waits(bare, pushed)


@dataclass(frozen=True)
class _Storm:
    """Milliseconds until the last row was painted, and until the last was accepted; of the processor, all in all."""

    painted: float
    accepted: float
    server: float
    browsers: float


def _at_once(name: str, ours: _Storm, bare: _Storm) -> Iterator[Figure]:
    beside = (
        ("all painted", ours.painted, bare.painted, "<= 2000"),
        ("CPU of the browsers", ours.browsers, bare.browsers, ""),
    )
    for what, value, base, goal in beside:
        yield Figure(f"{name}, {what}", "ms", value, base, value / base, goal, [])
    for what, value in (("accepted", ours.accepted), ("CPU of the server", ours.server)):
        yield Figure(f"{name}, {what}", "ms", value, 0, 0, "", [])


def _storm(
    boards: list[Page], site: Site, begin: Callable[[], None], rows: Callable[[], list[str]]
) -> _Storm:
    """From the first of many to the last row painted on the last board. `rows` names them."""
    server, browsers, begun = taken_by(site.program.process.pid), taken_by_browsers(), _now()
    begin()
    accepted = _now() - begun
    painted = max(_waits(boards, dict.fromkeys(rows(), begun)))
    took = (taken_by(site.program.process.pid) - server) * 1000
    return _Storm(painted, accepted, took, (taken_by_browsers() - browsers) * 1000)


def _break_all(site: Site, each: int) -> None:
    """So many acts of each person, person after person."""
    for number in range(_PEOPLE):
        site.breaches(_order(number), each)


def _alerts(site: Site, wanted: int) -> list[str]:
    """The alerts in the order they were raised, waited for."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [str(stream_of(each)) for each in pages(site.store, [AlertRaised.TOPIC])]
        if len(found) >= wanted or time.monotonic() > deadline:
            return found
        time.sleep(_LOOK)  # to look without a pause takes one of two cores


def _waits(boards: list[Page], since: dict[str, float]) -> Samples:
    """Milliseconds for each row on each board. A row that a board has not painted is waited for."""
    samples: Samples = []
    deadline = time.monotonic() + _PATIENCE
    for page in boards:
        while set(since) - set(painted := page.evaluate("window.painted")):
            if time.monotonic() > deadline:
                missing = len(set(since) - set(painted))
                msg = f"{missing} of {len(since)} rows were never painted on a board"
                raise AssertionError(msg)
            page.wait_for_timeout(50)
        samples += [painted[row] - at for row, at in since.items()]
    return samples


def _now() -> float:
    return datetime.now(UTC).timestamp() * 1000
