"""Who takes nothing of what they are sent is let go of; who is slow is not."""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep

import pytest
import uvicorn
import uvloop
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.program import PATIENCE
from web import prompt_clients
from web.prompt_clients import PromptClients
from web.streams import EventStream

WITHIN = 1.0
MUCH = 4 * 1024 * 1024
ROOM = 64 * 1024
"""Bytes that each end of a connection keeps."""
PAUSE = 0.04


class Served:
    """Answers with a page of `MUCH`, or with a stream that says as much again and again, and sees its clients go."""

    def __init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
        self.gone = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = scope["path"] == "/stream"
        answer = EventStream(self._told()) if stream else Response(b"x" * MUCH)
        await answer(scope, receive, send)

    async def _told(self) -> AsyncGenerator[bytes]:
        try:
            while True:
                yield b"x" * 1024 * 1024
                await asyncio.sleep(0)
        finally:
            self.gone.set()

    def asked(self, path: str) -> socket.socket:
        """A connection that asked for it and has taken nothing yet."""
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        line.settimeout(PATIENCE)
        line.connect(self.door.getsockname())
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        return line


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(prompt_clients, "TAKEN_WITHIN", WITHIN)
    app = Served()
    with _listening(app):
        yield app


@contextmanager
def _listening(app: Served) -> Iterator[None]:
    config = uvicorn.Config(
        app, http=PromptClients, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[app.door])))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("path", ["/page", "/stream"])
def test_who_takes_nothing_is_cut_off(served: Served, path: str) -> None:
    with closing(served.asked(path)) as line:
        begun = monotonic()
        with pytest.raises(ConnectionError):
            sent_for(line, PATIENCE)
        assert monotonic() - begun >= WITHIN


def sent_for(line: socket.socket, seconds: float) -> None:
    end = monotonic() + seconds
    while monotonic() < end:
        line.sendall(b"x")
        sleep(WITHIN / 10)


def test_what_tells_a_stream_ends_with_its_client(served: Served) -> None:
    with closing(served.asked("/stream")):
        assert not served.gone.wait(WITHIN / 2)
        assert served.gone.wait(PATIENCE)


def test_who_is_slow_is_given_all_of_it(served: Served) -> None:
    with closing(served.asked("/page")) as line:
        taken, begun = 0, monotonic()
        while taken < MUCH:
            some = line.recv(ROOM)
            assert some, f"cut off after {taken} bytes"
            taken += len(some)
            sleep(PAUSE)
        assert monotonic() - begun > WITHIN
