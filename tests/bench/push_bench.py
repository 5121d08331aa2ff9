"""P4: 500 boards that listen while 20 alerts a second are raised, beside a bare push to as many.

Every third board breaks its connection in the middle and comes back with the last position it had; one
never reads at all. An alert is counted from the instant it says it was raised at, just before its commit.
The listeners are connections without a browser: what 500 browsers cost is not the server's.
"""

import random
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from domain.alerts import AlertRaised
from domain.events import holds
from spowatch.log_pages import pages
from tests.bench.bare_push import bare_server
from tests.bench.listeners import listening
from tests.bench.log_bench import Figure
from tests.bench.processor_time import taken_by
from tests.program import PATIENCE
from tests.web.site import Caller, Site, site_at

FULL = (500, 200)
QUICK = (50, 40)
"""Boards, alerts."""
_A_SECOND = 20
_ROUNDS, _IN_A_ROUND = 5, 20


def figures(sizes: tuple[int, int] = FULL) -> Iterator[Figure]:
    boards, alerts = sizes
    with TemporaryDirectory() as folder, site_at(Path(folder)) as site:
        for number in range(alerts + 3 * _ROUNDS * _IN_A_ROUND):
            site.order(f"KENT-P4-{number}")
        alone = list(_rates(site, alerts))
        with bare_server() as push, listening(push.port, "/stream?", boards, "") as bare:
            pushed, _ = bare.account(_push(push, alerts), boards)
        before = _megabytes(site)
        with listening(site.port, "/board/stream?", boards, Caller(site).cookie) as ours:
            begun = taken_by(site.program.process.pid)
            told, lost = ours.account(_raise(site, alerts, ours.break_off), boards)
            worked = (taken_by(site.program.process.pid) - begun) * 1000 / alerts
            listened = list(_rates(site, alerts + _ROUNDS * _IN_A_ROUND))
            after = _megabytes(site)
        alone += _rates(site, alerts + 2 * _ROUNDS * _IN_A_ROUND)
    yield from _waits(f"raised -> {boards} boards, {_A_SECOND}/s", told, pushed)
    yield Figure("alerts lost, a third of the boards broken off", "", lost, 0, 0, "0", [])
    yield Figure(f"CPU of the server, one alert to {boards} boards", "ms", worked, 0, 0, "", [])
    yield Figure("memory, one board never reads", "MB", after, before, after / before, "", [])
    on, off = median(listened), median(alone)
    yield Figure(f"breaches accepted, {boards} boards", "/s", on, off, on / off, ">= 0.9", listened)


def _waits(name: str, told: list[float], pushed: list[float]) -> Iterator[Figure]:
    for percent, goal in ((50, ""), (99, "<= 100")):
        value, base = (quantiles(each, n=100)[percent - 1] for each in (told, pushed))
        yield Figure(f"{name}, p{percent}", "ms", value, base, value / base, goal, told)


def _megabytes(site: Site) -> float:
    """What the process that serves holds in memory."""
    status = Path(f"/proc/{site.program.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _rates(site: Site, start: int) -> Iterator[float]:
    """Breaches accepted a second, one after another, round by round."""
    for each in range(_ROUNDS):
        begun = time.monotonic()
        for number in range(_IN_A_ROUND):
            site.breach(f"KENT-P4-{start + each * _IN_A_ROUND + number}")
        yield _IN_A_ROUND / (time.monotonic() - begun)


def _raise(site: Site, alerts: int, break_off: Any) -> dict[str, float]:
    """Breaches at random moments; when each alert says it was raised, in milliseconds."""
    pause = threading.Event()
    begun = len(list(pages(site.store, [AlertRaised.TOPIC])))
    for number in range(alerts):
        pause.wait(random.expovariate(_A_SECOND))
        site.breach(f"KENT-P4-{number}")
        if number == alerts // 2:
            break_off()
    deadline = time.monotonic() + PATIENCE
    while len(found := list(pages(site.store, [AlertRaised.TOPIC]))) < begun + alerts:
        assert time.monotonic() < deadline
    events = (site.store.mapper.to_domain_event(each) for each in found[begun:])
    return {
        str(each.originator_id): each.event.raised_at.timestamp() * 1000
        for each in events
        if holds(each, AlertRaised)
    }


def _push(push: Any, alerts: int) -> dict[str, float]:
    pause, pushed = threading.Event(), dict[str, float]()
    for number in range(alerts):
        pause.wait(random.expovariate(_A_SECOND))
        pushed[f"bare-{number}"] = _now()
        push.rows(f"bare-{number}")
    return pushed


def _now() -> float:
    return datetime.now(UTC).timestamp() * 1000
