"""Receivers at the edge of the world: they log what reached them and answer as they are told to."""

import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reached:
    """One request, as it came in."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """Answers 204, or in turn what stands in `script`: a status, or a thing it does instead."""

    script: deque[int | str] = field(default_factory=deque)
    reached: list[Reached] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    port: int = 0
    refuses: Callable[[str], bool] = field(default=lambda _: False)
    """Of a body: whether it is answered 500 however often it comes."""
    hangs: Callable[[str], bool] = field(default=lambda _: False)
    """Of a body: whether it is never answered."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alerts"


class _Server(ThreadingHTTPServer):
    def __init__(self, receiver: Receiver) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.receiver = receiver
        self.released = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        receiver = self.server.receiver
        receiver.asked.append(self.path)
        self._answer(receiver, receiver.script.popleft() if receiver.script else 200)

    def do_POST(self) -> None:
        receiver = self.server.receiver
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length).decode()
        receiver.reached.append(Reached(self.path, dict(self.headers.items()), body))
        if receiver.hangs(body):
            self._answer(receiver, "hang")
        elif receiver.refuses(body):
            self._answer(receiver, 500)
        else:
            self._answer(receiver, receiver.script.popleft() if receiver.script else 204)

    def _answer(self, receiver: Receiver, what: int | str) -> None:
        match what:
            case "drop":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                self.connection.close()
            case "hang":
                self.server.released.wait(120)
            case "trickle":
                self._trickle()
            case "garbage":
                self.connection.sendall(b"\x00\xff never heard of HTTP \r\n\r\n")
            case int():
                self._say(receiver, what)
        self.close_connection = True

    def _say(self, receiver: Receiver, status: int) -> None:
        self.send_response(status)
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(receiver.answer)))
        self.end_headers()
        self.wfile.write(receiver.answer)

    def _trickle(self) -> None:
        """A byte now and then, so that no silence is ever long."""
        try:
            self.connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for byte in b"x-slow: " + b"z" * 1000:
                self.connection.sendall(bytes([byte]))
                time.sleep(0.2)
        except OSError:
            return

    def log_message(self, *_: Any) -> None:
        """What reached us is kept; nothing is printed."""


@contextmanager
def receiving(**told: Any) -> Iterator[Receiver]:
    receiver = Receiver(**told)
    server = _Server(receiver)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
