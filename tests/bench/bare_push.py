"""What boards are compared with: `sse-starlette` alone, in a process of its own, and a page that shows what it is told.

It stores nothing, decides nothing, and raises no alert.
"""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.forking import SPAWN

_BARE = b"""<!doctype html><ul id=rows></ul><script>
new EventSource('/stream').onmessage = (event) => {
  document.getElementById('rows').insertAdjacentHTML('beforeend', JSON.parse(event.data)) }</script>"""


class Push:
    """The bare server, spoken to from here."""

    def __init__(self, port: int, wire: Any) -> None:
        self.port = port
        self._wire = wire

    def rows(self, *names: str) -> None:
        self._wire.send(names)


@contextmanager
def bare_server(port: int = 0) -> Iterator[Push]:
    """At that port, or at any; killed at the end."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve_bare, args=(theirs, port), daemon=True)
    process.start()
    try:
        yield Push(ours.recv(), ours)
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


def _serve_bare(wire: Any, port: int) -> None:
    bare = _Bare()

    async def serve() -> None:
        config = uvicorn.Config(bare.app, port=port, log_config=None, lifespan="off")
        server, loop = uvicorn.Server(config), asyncio.get_running_loop()
        door = config.bind_socket()
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        door.listen()
        wire.send(door.getsockname()[1])

        def hear() -> None:
            while True:
                loop.call_soon_threadsafe(bare.tell, wire.recv())

        threading.Thread(target=hear, daemon=True).start()
        await server.serve(sockets=[door])

    asyncio.run(serve())
