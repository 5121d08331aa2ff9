"""A proxy before a Kafka node that knows its frames: it delays, cuts, swallows and loses them."""

import asyncio
import struct
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType
from typing import Self

from tests.servers.dropped import Dropped

HOST = "127.0.0.1"
PRODUCE, FETCH = 0, 1
"""Api keys of Kafka's protocol."""
_LENGTH = struct.Struct(">i")
_REQUEST = struct.Struct(">hhi")
"""Api key, api version, correlation id."""


class Direction(Enum):
    TO_BROKER = auto()
    TO_CLIENT = auto()


class Bite(Enum):
    """What a fault really did; a run in which none bit proves nothing."""

    DELAYED = auto()
    CUT = auto()
    REFUSED = auto()
    SWALLOWED = auto()
    LOST = auto()
    DROPPED = auto()


@dataclass(frozen=True, slots=True)
class Loss:
    """Every so many frames of one api, one is not passed on and its connection is cut."""

    direction: Direction
    api: int
    every: int


@dataclass(eq=False, slots=True)
class _Link:
    """One connection of a client with its other half to the broker."""

    halves: dict[Direction, asyncio.StreamWriter]
    """The writer on which frames of that direction go out."""
    asked: dict[int, int] = field(default_factory=dict)
    """Which api each unanswered correlation id asked for."""
    torn: bool = False
    """Whether frames are missing from it."""

    def api_of(self, payload: bytes, direction: Direction) -> int:
        if direction is Direction.TO_BROKER:
            api, _, correlation = _REQUEST.unpack_from(payload)
            self.asked[correlation] = api
            return int(api)
        (correlation,) = _LENGTH.unpack_from(payload)
        return self.asked.pop(correlation, -1)

    def cut(self) -> None:
        for writer in self.halves.values():
            writer.transport.abort()


class FrameProxy:
    """Listens on `port` for the node on `upstream`. The node must advertise `port` to its clients.

    Faults hold for every connection, those to come too, until `heal`. `bites` counts what they did.
    """

    def __init__(self, port: int, upstream: int) -> None:
        self.bites: Counter[Bite] = Counter()
        self._port = port
        self._upstream = upstream
        self._links: set[_Link] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="frame-proxy")
        self._delay = 0.0
        self._shut = False
        self._swallowed: Direction | None = None
        self._loss: Loss | None = None
        self._dropped: Dropped | None = None
        self._seen = 0

    def __enter__(self) -> Self:
        self._thread.start()
        started = asyncio.start_server(self._accept, HOST, self._port)
        self._server = asyncio.run_coroutine_threadsafe(started, self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def delay(self, seconds: float) -> None:
        """Pass every frame on that much later, in both directions."""
        self._do(lambda: setattr(self, "_delay", seconds))

    def cut(self) -> None:
        """Cut every connection, once; clients may come back at once."""
        self._do(self._cut_all)

    def shut(self) -> None:
        """Cut every connection and refuse new ones."""

        def shut() -> None:
            self._shut = True
            self._cut_all()

        self._do(shut)

    def swallow(self, direction: Direction) -> None:
        """Let frames of that direction vanish, while connections stay open."""
        self._do(lambda: setattr(self, "_swallowed", direction))

    def lose(self, direction: Direction, api: int = PRODUCE, every: int = 1) -> None:
        """Lose one in `every` such frames and cut its connection.

        To the client: the broker has appended, and nobody will hear of it. To the broker: it was
        sent, and never appended.
        """

        def lose() -> None:
            self._loss, self._seen = Loss(direction, api, every), 0

        self._do(lose)

    def drop(self, dropped: Dropped) -> None:
        """Let frames of both directions come as late as on a link that drops some."""
        self._do(lambda: setattr(self, "_dropped", dropped))

    def heal(self) -> None:
        """End every fault. Connections with frames missing are cut, as the kernel gives up on one."""

        def heal() -> None:
            self._delay, self._shut, self._swallowed, self._loss = 0.0, False, None, None
            self._dropped = None
            for link in [link for link in self._links if link.torn]:
                link.cut()

        self._do(heal)

    def _do(self, change: Callable[[], None]) -> None:
        """Make a change between two frames, and return when it is made."""

        async def changed() -> None:
            change()

        asyncio.run_coroutine_threadsafe(changed(), self._loop).result()

    def _cut_all(self) -> None:
        self.bites[Bite.CUT] += len(self._links)
        for link in self._links:
            link.cut()

    async def _close(self) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._shut:
                self.bites[Bite.REFUSED] += 1
                return
            from_broker, to_broker = await asyncio.open_connection(HOST, self._upstream)
        except OSError:
            return
        else:
            link = _Link({Direction.TO_BROKER: to_broker, Direction.TO_CLIENT: writer})
            await self._carry(link, reader, from_broker)
        finally:
            writer.transport.abort()

    async def _carry(
        self, link: _Link, from_client: asyncio.StreamReader, from_broker: asyncio.StreamReader
    ) -> None:
        """Pass frames both ways until one side ends or is cut off."""
        self._links.add(link)
        tasks = [
            self._loop.create_task(work)
            for direction, reader in (
                (Direction.TO_BROKER, from_client),
                (Direction.TO_CLIENT, from_broker),
            )
            for work in self._both_ends(link, reader, direction)
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._links.discard(link)
            link.cut()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _both_ends(
        self, link: _Link, reader: asyncio.StreamReader, direction: Direction
    ) -> tuple[Coroutine[None, None, None], ...]:
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        taking = self._take(link, reader, line, direction)
        return taking, self._give(link.halves[direction], line)

    async def _take(
        self,
        link: _Link,
        reader: asyncio.StreamReader,
        line: asyncio.Queue[tuple[float, bytes]],
        direction: Direction,
    ) -> None:
        while (payload := await _frame(reader)) is not None:
            api = link.api_of(payload, direction)
            if self._is_lost(direction, api):
                self.bites[Bite.LOST] += 1
                return
            if self._swallowed is direction:
                self.bites[Bite.SWALLOWED] += 1
                link.torn = True
            else:
                self.bites[Bite.DELAYED] += self._delay > 0
                held = self._delay + self._sent_again()
                line.put_nowait((self._loop.time() + held, payload))
        await line.join()

    async def _give(
        self, writer: asyncio.StreamWriter, line: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        while True:
            due, payload = await line.get()
            await asyncio.sleep(due - self._loop.time())
            writer.write(_LENGTH.pack(len(payload)) + payload)
            line.task_done()
            try:
                await writer.drain()
            except OSError:
                return

    def _sent_again(self) -> float:
        """Seconds that the next frame takes longer."""
        stall = 0.0 if self._dropped is None else self._dropped.stall()
        self.bites[Bite.DROPPED] += stall > 0
        return stall

    def _is_lost(self, direction: Direction, api: int) -> bool:
        loss = self._loss
        if loss is None or (direction, api) != (loss.direction, loss.api):
            return False
        self._seen += 1
        return self._seen % loss.every == 0


async def _frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next frame without its length; None at the end, or when the connection is cut."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, OSError):
        return None
