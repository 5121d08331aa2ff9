"""A link to a server that counts who came and can go silent: nobody is told, and nothing comes through."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Self

from tests.servers.dropped import Dropped

_PORT = 5432
_PIECE = 65536


class SilentProxy:
    """Passes bytes from a port of this machine to a server's socket until it is told to stop."""

    def __init__(self, server: Path | int) -> None:
        """`server`: the folder of a PostgreSQL server's socket, or a port of this machine."""
        self._server = server
        self._door = socket.create_server(("127.0.0.1", 0))
        self._silent = threading.Event()
        self.came = 0
        self.dropped: Dropped | None = None
        """How a link that drops some of what passes makes it late; none by itself."""
        self._swallowed: set[socket.socket] = set()
        self._links: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def go_silent(self) -> None:
        """From now on what arrives is swallowed, on links that stand and on new ones."""
        self._silent.set()

    def swallow_what_stands(self) -> None:
        """The links that stand are silent for ever, and nobody is told; new ones work."""
        self._swallowed.update(self._links)

    def speak_again(self) -> None:
        """New links work; those that were silent have lost bytes, and are cut."""
        for link in self._links:
            _shut(link)
        self._silent.clear()

    def __enter__(self) -> Self:
        self._run(self._admit)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        _shut(self._door)
        for link in self._links:
            _shut(link)
        for thread in self._threads:
            thread.join()
        for link in (self._door, *self._links):
            link.close()

    def _run(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _admit(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            self.came += 1
            try:
                far = self._reached()
            except OSError:
                # The server is away; so is the link to it.
                near.close()
                continue
            self._links += [near, far]
            self._run(self._pass_on, near, far)
            self._run(self._pass_on, far, near)

    def _reached(self) -> socket.socket:
        if isinstance(self._server, int):
            return socket.create_connection(("127.0.0.1", self._server))
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(str(self._server / f".s.PGSQL.{_PORT}"))
        except OSError:
            far.close()
            raise
        return far

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while piece := one.recv(_PIECE):
                if self.dropped is not None:
                    sleep(self.dropped.stall())
                if not self._silent.is_set() and one not in self._swallowed:
                    other.sendall(piece)
        except OSError:
            pass
        finally:
            _shut(other)


def _shut(link: socket.socket) -> None:
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
