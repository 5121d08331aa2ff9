"""P4: 500 boards that listen while 20 alerts a second are raised, beside a bare push to as many.

Then every third board breaks its connection in the middle of as many more and comes back with the last
position it had; one never reads at all. An alert is counted from the instant it says it was raised at, just
before its commit. The listeners are connections without a browser: what 500 browsers cost is not the server's.
"""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from domain.alerts import AlertRaised
from domain.events import holds
from spowatch.log_pages import pages
from tests.bench.bare_push import Push, bare_server
from tests.bench.listeners import listening, stream_on
from tests.bench.log_bench import Figure
from tests.bench.processor_time import taken_by
from tests.program import PATIENCE
from tests.web.site import Caller, Site, site_at

FULL = (500, 200)
QUICK = (50, 40)
"""Boards, alerts."""
_A_SECOND = 20
_WRITERS, _ROUNDS, _IN_A_ROUND = 8, 5, 200
_IN_ALL = _ROUNDS * _IN_A_ROUND


def figures(sizes: tuple[int, int] = FULL) -> Iterator[Figure]:
    boards, alerts = sizes
    with TemporaryDirectory() as folder, site_at(Path(folder)) as site:
        orders = iter(
            [site.order(f"KENT-P4-{number}") for number in range(2 * alerts + 2 * _IN_ALL)]
        )
        with bare_server() as push, listening(push.port, "/stream", boards, "") as bare:
            pushed, _ = bare.account(_push(push, alerts), boards)
        alone = list(_rates(site, orders))
        before = _megabytes(site)
        stream = stream_on((caller := Caller(site)).get("/board?force=Kent&kind=arrest").text)
        with listening(site.port, stream, boards, caller.cookie) as ours:
            begun = taken_by(site.program.process.pid)
            told, never = ours.account(_raise(site, islice(orders, alerts)), boards)
            worked = (taken_by(site.program.process.pid) - begun) * 1000 / alerts
            half = _raise(site, islice(orders, alerts // 2))
            ours.break_off()
            again, lost = ours.account(half | _raise(site, islice(orders, alerts // 2)), boards)
            listened = list(_rates(site, orders))
            after = _megabytes(site)
    yield from _waits(f"raised -> {boards} boards, {_A_SECOND}/s", told, pushed)
    yield Figure(
        f"raised -> {boards} boards, a third breaking off, p99",
        "ms",
        _percentile(again, 99),
        0,
        0,
        "",
        again,
    )
    yield Figure("alerts lost, a third of the boards broken off", "", never + lost, 0, 0, "0", [])
    yield Figure(f"CPU of the server, one alert to {boards} boards", "ms", worked, 0, 0, "", [])
    yield Figure("memory, one board never reads", "MB", after, before, after / before, "", [])
    on, off = median(listened), median(alone)
    yield Figure(f"breaches accepted, {boards} boards", "/s", on, off, on / off, ">= 0.9", listened)


def _waits(name: str, told: list[float], pushed: list[float]) -> Iterator[Figure]:
    for percent, goal in ((50, ""), (99, "<= 100")):
        value, base = _percentile(told, percent), _percentile(pushed, percent)
        yield Figure(f"{name}, p{percent}", "ms", value, base, value / base, goal, told)


def _percentile(waits: list[float], percent: int) -> float:
    return quantiles(waits, n=100)[percent - 1]


def _megabytes(site: Site) -> float:
    """What the process that serves holds in memory."""
    status = Path(f"/proc/{site.program.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _rates(site: Site, orders: Iterator[str]) -> Iterator[float]:
    """Breaches accepted a second from eight who report at once, round by round."""
    raised = len(_raised(site))
    with ThreadPoolExecutor(_WRITERS) as writers:
        for _ in range(_ROUNDS):
            begun = time.monotonic()
            list(writers.map(site.breach, islice(orders, _IN_A_ROUND)))
            yield _IN_A_ROUND / (time.monotonic() - begun)
    _wait_for(site, raised + _IN_ALL)


def _raise(site: Site, orders: Iterator[str]) -> dict[str, float]:
    """Breaches at random moments; when each alert says it was raised, in milliseconds."""
    pause, raised, told = threading.Event(), len(_raised(site)), list(orders)
    for order in told:
        pause.wait(random.expovariate(_A_SECOND))
        site.breach(order)
    found = _wait_for(site, raised + len(told))[raised:]
    events = map(site.store.mapper.to_domain_event, found)
    return {
        str(each.originator_id): each.event.raised_at.timestamp() * 1000
        for each in events
        if holds(each, AlertRaised)
    }


def _wait_for(site: Site, alerts: int) -> Sequence[Any]:
    deadline = time.monotonic() + PATIENCE
    while len(found := _raised(site)) < alerts:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def _raised(site: Site) -> Sequence[Any]:
    return list(pages(site.store, [AlertRaised.TOPIC]))


def _push(push: Push, alerts: int) -> dict[str, float]:
    pause, pushed = threading.Event(), dict[str, float]()
    for number in range(alerts):
        pause.wait(random.expovariate(_A_SECOND))
        pushed[f"bare-{number}"] = _now()
        push.rows(f"bare-{number}")
    return pushed


def _now() -> float:
    return datetime.now(UTC).timestamp() * 1000
