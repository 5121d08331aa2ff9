"""A1: from a breach accepted to a row painted in real Chromium, beside a bare push of the same row.

The baseline is `sse-starlette` alone, in a process of its own: a push handed to it until the same browsers
have painted what was pushed. It stores nothing, decides nothing, and raises no alert.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from types import MappingProxyType

from playwright.sync_api import Page, sync_playwright

from domain.alerts import AlertRaised
from spowatch.log_pages import pages, stream_of
from tests.bench.bare_push import Push, bare_server
from tests.bench.listeners import listening, stream_on
from tests.bench.log_bench import Figure
from tests.bench.processor_time import taken_by, taken_by_browsers
from tests.program import PATIENCE
from tests.web.browser import chromium
from tests.web.site import Caller, Site, site_at
from tests.web.walks import sign_in

FULL = (20, 150, 500)
QUICK = (5, 40, 50)
"""Boards, breaches one by one, breaches at once."""
_A_SECOND, _TURN = 5, 10
_PEOPLE = 50
_LOOK = 0.1
_PATIENCE = 4 * PATIENCE
WATCH = """(() => {
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
Both = tuple[list[Page], list[Page]]
"""Our boards, and the bare pages beside them."""
Goals = Mapping[int, str]
"""By the percentile, in milliseconds."""
GOALS: Goals = MappingProxyType({50: "<= 50", 99: "<= 250"})


def figures(sizes: tuple[int, int, int] = FULL) -> Iterator[Figure]:
    boards, breaches, storm = sizes
    with TemporaryDirectory() as folder, site_at(Path(folder)) as site, bare_server() as push:
        yield from one_drawn_here(site, push, boards, breaches)
        with _opened(site, boards, push.port) as all_of_them:
            yield from _steady(site, all_of_them, push, f"{boards} boards", breaches)
            yield from _storms(site, all_of_them, push, storm)


def one_drawn_here(
    site: Site, push: Push, boards: int, breaches: int, goals: Goals = GOALS, of: str = ""
) -> Iterator[Figure]:
    """On a new store: what an operator sees who has a machine of her own."""
    for number in range(_PEOPLE):
        site.order(_order(number))
    with _elsewhere(site, push, boards - 1), _opened(site, 1, push.port) as one:
        where = f"one of {boards} boards drawn here{of}"
        yield from _steady(site, one, push, where, breaches, goals)


@contextmanager
def _elsewhere(site: Site, push: Push, boards: int) -> Iterator[None]:
    """So many boards that are drawn on other machines: of this one they take the server alone."""
    caller = Caller(site)
    stream = stream_on(caller.get("/board?force=Kent&kind=arrest").text)
    with (
        listening(site.port, stream, boards, caller.cookie),
        listening(push.port, "/stream", boards, ""),
    ):
        yield


def _percentile(samples: Samples, percent: int) -> float:
    return quantiles(samples, n=100)[percent - 1]


def _order(number: int) -> str:
    return f"KENT-A1-{number % _PEOPLE}"


@contextmanager
def _opened(site: Site, boards: int, port: int) -> Iterator[Both]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        ours, bare = [], []
        for _ in range(boards):
            page = browser.new_context().new_page()
            page.add_init_script(WATCH)
            sign_in(page, site)
            ours.append(page)
            page = browser.new_context().new_page()
            page.add_init_script(WATCH)
            page.goto(f"http://127.0.0.1:{port}/")
            bare.append(page)
        yield ours, bare
        browser.close()


def _steady(
    site: Site, pages: Both, push: Push, where: str, breaches: int, goals: Goals = GOALS
) -> Iterator[Figure]:
    """Breaches and bare pushes by turns of ten, at random moments; every board's every row is a sample."""
    before = len(_alerts(site, 0))
    accepted: Samples = []
    pushed: dict[str, float] = {}
    pause = threading.Event()
    for begun in range(0, breaches, _TURN):
        for number in range(begun, begun + _TURN):
            pause.wait(random.expovariate(_A_SECOND))
            site.breach(_order(number))
            accepted.append(now_in_ms())
        for number in range(begun, begun + _TURN):
            pause.wait(random.expovariate(_A_SECOND))
            name = f"bare-{where}-{number}"
            pushed[name] = now_in_ms()
            push.rows(name)
    alerts = _alerts(site, before + breaches)[before:]
    ours, bare = pages
    painted, told = (
        until_painted(ours, dict(zip(alerts, accepted, strict=True))),
        until_painted(bare, pushed),
    )
    for percent, goal in goals.items():
        value, base = (_percentile(each, percent) for each in (painted, told))
        name = f"accepted -> painted, {where}, {_A_SECOND}/s, p{percent}"
        yield Figure(name, "ms", value, base, value / base, goal, painted)


def _storms(site: Site, pages: Both, push: Push, storm: int) -> Iterator[Figure]:
    ours, bare = pages
    names = [f"storm-{number}" for number in range(storm)]
    pushed = _storm(bare, site, lambda: push.rows(*names), lambda: names)
    before, each = len(_alerts(site, 0)), storm // _PEOPLE
    painted = _storm(
        ours,
        site,
        lambda: _break_all(site, each),
        lambda: _alerts(site, before + each * _PEOPLE)[before:],
    )
    yield from _at_once(f"{storm} at once", painted, pushed)


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
    server, browsers, begun = taken_by(site.program.process.pid), taken_by_browsers(), now_in_ms()
    begin()
    accepted = now_in_ms() - begun
    painted = max(until_painted(boards, dict.fromkeys(rows(), begun)))
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


def until_painted(boards: list[Page], since: dict[str, float]) -> Samples:
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


def now_in_ms() -> float:
    return datetime.now(UTC).timestamp() * 1000
