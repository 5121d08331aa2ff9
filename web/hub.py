"""Fans changes out to every open board, from the server's own loop: a frozen browser delays nobody."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from web.board import Change

KEPT = 5_000
"""Changes kept for boards that come back; who was away for longer is given the whole board."""
ROOM = 1_000
"""Changes a board may be behind before it is cut off, to come back and ask from where it was."""
BEAT = 1.0
"""Seconds. Beats come from the loop that reads the log: when that stops, every board knows."""


@dataclass(frozen=True, slots=True)
class Beat:
    position: int


class Missed:
    """So much was missed that the whole board must be asked for again."""


News = Change | Beat | Missed


@dataclass(eq=False, slots=True)
class Listener:
    """One open board; `None` in its queue ends it."""

    queue: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(ROOM))
    cut_off: bool = False


class Hub:
    """Everything but `publish` and `close` runs on the loop of the server."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[Listener] = set()
        self._kept: deque[Change] = deque()
        self._from = 0
        self._position = 0
        self._beaten = 0.0

    def open(self, loop: asyncio.AbstractEventLoop, position: int) -> None:
        """Begin at that position of the log."""
        self._loop = loop
        self._from = self._position = position

    def publish(self, changes: Sequence[Change], position: int) -> None:
        """Called by the thread that reads the log; never waits."""
        if self._loop is None or self._loop.is_closed():
            return
        beaten = monotonic() - self._beaten >= BEAT
        if beaten:
            self._beaten = monotonic()
        if changes or beaten:
            tell = partial(self._tell, list(changes), position, beaten=beaten)
            self._loop.call_soon_threadsafe(tell)

    def close(self) -> None:
        """End every open stream, so that the server can stop."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def news(self, after: int) -> AsyncIterator[News]:
        """What changed past that position, as it comes."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            for change in self._since(after):
                yield change
            while (news := await listener.queue.get()) is not None:
                yield news
        finally:
            self._listeners.discard(listener)

    def _since(self, after: int) -> list[News]:
        if after < self._from or after > self._position:
            return [Missed()]
        return [change for change in self._kept if change.position > after]

    def _tell(self, changes: Sequence[Change], position: int, *, beaten: bool) -> None:
        self._position = position
        for change in changes:
            self._kept.append(change)
        while len(self._kept) > KEPT:
            self._from = self._kept.popleft().position
        news: list[News] = [*changes, *([Beat(position)] if beaten else [])]
        for listener in list(self._listeners):
            self._give(listener, news)

    def _give(self, listener: Listener, news: Sequence[News]) -> None:
        if listener.cut_off:
            return
        if listener.queue.maxsize - listener.queue.qsize() <= len(news):
            listener.cut_off = True
            while not listener.queue.empty():
                listener.queue.get_nowait()
            listener.queue.put_nowait(None)
            return
        for each in news:
            listener.queue.put_nowait(each)

    def _end(self) -> None:
        for listener in self._listeners:
            listener.cut_off = True
            while not listener.queue.empty():
                listener.queue.get_nowait()
            listener.queue.put_nowait(None)
