"""A door before a server: passes bytes on, and counts who came."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

_PIECE = 65536


class CountingDoor:
    """Passes every connection to `port` on to `server`, a port of this machine too."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._door = socket.create_server(("127.0.0.1", 0))
        self._links: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.came = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._run(self._admit)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for each in (self._door, *self._links):
            _shut(each)
        for thread in self._threads:
            thread.join()
        for each in (self._door, *self._links):
            each.close()

    def _admit(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            self.came += 1
            far = socket.create_connection(("127.0.0.1", self._server))
            self._links += [near, far]
            self._run(_pass_on, near, far)
            self._run(_pass_on, far, near)

    def _run(self, work: Callable[..., None], *links: socket.socket) -> None:
        thread = threading.Thread(target=work, args=links, daemon=True)
        self._threads.append(thread)
        thread.start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(_PIECE):
            other.sendall(piece)
    _shut(other)


def _shut(link: socket.socket) -> None:
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
