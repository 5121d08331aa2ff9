"""A7: every role killed at once on a national caseload, started again, and how soon the first new breach is painted.

A board in real Chromium stays open through it and comes back by itself. The breach is told over HTTP from the moment
of the start, again and again until it is accepted. Beside it the bare push: killed and started alike, it reads nothing.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from spowatch.demo.demonstration import told_until
from spowatch.open_store import Store
from spowatch.running.register import roles_of
from spowatch.wiring.store import throw_away
from tests.bench.bare_push import bare_server
from tests.bench.board_bench import WATCH, Samples, now_in_ms, until_painted
from tests.bench.log_bench import Figure
from tests.program import Late, Program
from tests.web.browser import chromium
from tests.web.callers import ApiProgram
from tests.web.site import TERM, site_at
from tests.web.walks import sign_in

FULL = (20, 3000)
QUICK = (2, 100)
"""Deaths, and orders of the caseload."""
_READERS = ("arrest-desk", "console")
_PAUSE = 0.02
_PATIENCE = 600.0


def figures(sizes: tuple[int, int] = FULL) -> Iterator[Figure]:
    deaths, orders = sizes
    with TemporaryDirectory(prefix="bench-") as folder, _chromium() as browser:
        bare = [_bare(browser, number) for number in range(deaths)]
        accepted, painted = _ours(Path(folder), browser, deaths, orders)
    for name, value, base, goal in (
        ("accepted, median", median(accepted), 0.0, ""),
        ("painted, median", median(painted), median(bare), ""),
        (f"painted, worst of {deaths}", max(painted), max(bare), "A7 <= 10,000"),
    ):
        ratio = value / base if base else 0
        samples = painted if goal else []
        yield Figure(f"every role killed -> a new breach {name}", "ms", value, base, ratio, goal, samples)  # fmt: skip


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


def _page(browser: Browser) -> Page:
    page = browser.new_context().new_page()
    page.add_init_script(WATCH)
    return page


def _ours(folder: Path, browser: Browser, deaths: int, orders: int) -> tuple[Samples, Samples]:
    """Milliseconds from each start until the breach was accepted, and until it was painted."""
    accepted, painted = [], []
    with site_at(folder, roles=roles_of(throw_away(folder))) as site:
        _listen(site.program)
        _tell_caseload(site.store, orders)
        told, page = ApiProgram(site), _page(browser)
        sign_in(page, site)
        for number in range(deaths):
            reference = site.order(f"KENT-A7-{number}")
            time.sleep(random.uniform(0.5, 2))
            site.program.kill()
            begun = now_in_ms()
            with ThreadPoolExecutor(1) as starting:
                started = starting.submit(site.restart)
                _report(told, reference)
                accepted.append(now_in_ms() - begun)
                started.result()
                _listen(site.program)
            painted += until_painted([page], {str(site.alert(reference)): begun})
    return accepted, painted


def _listen(program: Program) -> None:
    """A console nobody reads stands still once its pipe is full."""

    def lines() -> None:
        with suppress(Late):
            deque(program.said.rest(), maxlen=0)

    threading.Thread(target=lines, daemon=True).start()


def _tell_caseload(store: Store, orders: int) -> None:
    """Until desk and console have read it to its end."""
    for _ in told_until(datetime.now(UTC) - timedelta(minutes=1), store.register, orders=orders, seed=1):  # fmt: skip
        pass
    head, deadline = store.log.max_notification_id() or 0, time.monotonic() + _PATIENCE
    while min(store.log.max_tracking_id(each) or 0 for each in _READERS) < head:
        if time.monotonic() > deadline:
            msg = "the caseload was not read to its end"
            raise TimeoutError(msg)
        time.sleep(0.2)


def _report(told: ApiProgram, reference: str) -> None:
    """Over HTTP, until it is accepted: nobody listens yet, or not every part is ready."""
    now = datetime.now(UTC)
    body = {"t": now.isoformat(), "occurred_at": (now - timedelta(minutes=5)).isoformat()}
    more = {"condition": TERM, "incident": reference, "source": "victim", "markers": ["weapons"]}
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = told.post(f"/orders/{reference}/report-breach", body | more, {"Idempotency-Key": reference})  # fmt: skip
        except requests.ConnectionError:
            time.sleep(_PAUSE)
            continue
        if answer.status_code == HTTPStatus.CREATED:
            return
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise AssertionError(answer.text)
    msg = "the breach was never accepted"
    raise TimeoutError(msg)


def _bare(browser: Browser, number: int) -> float:
    """Milliseconds until the bare page, its server killed and started again, has painted a push."""
    page, name = _page(browser), f"bare-{number}"
    with bare_server() as push:
        page.goto(f"http://127.0.0.1:{push.port}/")
        port = push.port
    begun = now_in_ms()
    with bare_server(port) as push:
        stop = threading.Event()

        def repeated() -> None:
            while not stop.wait(_PAUSE):
                push.rows(name)

        pushing = threading.Thread(target=repeated)
        pushing.start()
        try:
            [took] = until_painted([page], {name: begun})
        finally:
            stop.set()
            pushing.join()
    page.context.close()
    return took
