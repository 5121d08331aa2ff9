"""Boards without a browser: connections that note when they were told of what."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from html import unescape
from typing import Any

from tests.forking import SPAWN
from tests.program import PATIENCE

_ROW = re.compile(rb'"id":"([\w-]+)"|data-row=\\?"(bare-\d+)')
_ID = re.compile(rb"^id: (\d+)", re.MULTILINE)
Heard = dict[str, list[float]]


class Boards:
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


def stream_on(board: str) -> str:
    """Where the page of a board has its browser listen, from where the page ends."""
    found = re.search('data-stream="([^"]+)"', board)
    assert found
    return unescape(found[1])


@contextmanager
def listening(port: int, path: str, boards: int, cookie: str) -> Iterator[Boards]:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_listen, args=(theirs, port, path, boards, cookie), daemon=True)
    process.start()
    assert ours.recv() == "connected"
    try:
        yield Boards(ours)
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
            with suppress(OSError, EOFError):
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 ")
                begun.set()
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
        head = f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        writer.write(f"{head}Cookie: {self._cookie}\r\n{last}\r\n".encode())
        await writer.drain()
        return reader, writer


def _now() -> float:
    return datetime.now(UTC).timestamp() * 1000
