"""P4: 500 boards that listen while 20 alerts a second are raised, beside a bare push to as many.

Every third board breaks its connection in the middle and comes back with the last position it had; one
never reads at all. An alert is counted from the instant it says it was raised at, just before its commit.
The listeners are connections without a browser: what 500 browsers cost is not the server's.
"""

import asyncio
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from domain.alerts import AlertRaised
from domain.events import holds
from spowatch.log_pages import pages
from tests.bench.board_bench import bare_server
from tests.bench.log_bench import Figure
from tests.bench.processor_time import taken_by
from tests.program import PATIENCE
from tests.store.other_processes import SPAWN
from tests.web.site import Caller, Site, site_at

FULL = (500, 200)
QUICK = (50, 40)
"""Boards, alerts."""
_A_SECOND = 20
_ROUNDS, _IN_A_ROUND = 5, 20
_ROW = re.compile(rb'"id":"([\w-]+)"|data-row=\\?"(bare-\d+)')
_ID = re.compile(rb"^id: (\d+)", re.MULTILINE)
Heard = dict[str, list[float]]


def figures(sizes: tuple[int, int] = FULL) -> Iterator[Figure]:
    boards, alerts = sizes
    with TemporaryDirectory() as folder, site_at(Path(folder)) as site:
        for number in range(alerts + 3 * _ROUNDS * _IN_A_ROUND):
            site.order(f"KENT-P4-{number}")
        alone = list(_rates(site, alerts))
        with bare_server() as push, _listening(push.port, "/stream?", boards, "") as bare:
            pushed, _ = bare.account(_push(push, alerts), boards)
        before = _megabytes(site)
        with _listening(site.port, "/board/stream?", boards, Caller(site).cookie) as ours:
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


class _Boards:
    """The listeners of one server, in a process of their own, spoken to from here."""

    def __init__(self, wire: Any) -> None:
        self._wire = wire

    def break_off(self) -> None:
        self._wire.send("break off")

    def account(self, since: dict[str, float], boards: int) -> tuple[list[float], int]:
        """Milliseconds to each board for each of these; how many never came to one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self._wire.send("heard")
            heard: Heard = self._wire.recv()
            waits = [at - since[each] for each in since for at in heard.get(each, [])]
            lost = len(since) * boards - len(waits)
            if not lost or time.monotonic() > deadline:
                return waits, lost
            time.sleep(0.5)


@contextmanager
def _listening(port: int, path: str, boards: int, cookie: str) -> Iterator[_Boards]:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_listen, args=(theirs, port, path, boards, cookie), daemon=True)
    process.start()
    assert ours.recv() == "connected"
    try:
        yield _Boards(ours)
    finally:
        process.kill()
        process.join()


def _listen(wire: Any, port: int, path: str, boards: int, cookie: str) -> None:
    asyncio.run(_Listeners(port, path, cookie).serve(wire, boards))


class _Listeners:
    """Connections that note when they were told of what; each alert once, and where they are."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        self._port, self._path, self._cookie = port, path, cookie
        self._heard: Heard = {}
        self._links: list[asyncio.StreamWriter] = []

    async def serve(self, wire: Any, boards: int) -> None:
        begun = [asyncio.Event() for _ in range(boards)]
        tasks = [asyncio.ensure_future(self._board(each)) for each in begun]
        if self._cookie:
            self._frozen = await self._opened(0)  # it never reads
        await asyncio.gather(*(each.wait() for each in begun))
        wire.send("connected")
        while tasks:
            asked = await asyncio.to_thread(wire.recv)
            if asked == "heard":
                wire.send(self._heard)
            else:
                for link in self._links[::3]:
                    link.transport.abort()

    async def _board(self, begun: asyncio.Event) -> None:
        seen: set[str] = set()
        position = 0
        while True:
            reader, writer = await self._opened(position)
            self._links.append(writer)
            begun.set()
            with suppress(OSError):
                position = await self._read(reader, seen, position)

    async def _read(self, reader: asyncio.StreamReader, seen: set[str], position: int) -> int:
        held = b""
        while some := await reader.read(65536):
            held += some
            whole, end, held = held.rpartition(b"\r\n\r\n")
            for found in _ROW.findall(whole + end):
                name = (found[0] or found[1]).decode()
                if name not in seen:
                    seen.add(name)
                    self._heard.setdefault(name, []).append(_now())
            if ids := _ID.findall(whole):
                position = int(ids[-1])
        return position

    async def _opened(self, position: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        last = f"Last-Event-ID: {position}\r\n" if position else ""
        head = f"GET {self._path}force=Kent&kind=arrest&after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        writer.write(f"{head}Cookie: {self._cookie}\r\n{last}\r\n".encode())
        await writer.drain()
        return reader, writer


def _now() -> float:
    return datetime.now(UTC).timestamp() * 1000
