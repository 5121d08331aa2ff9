"""Fans changes out to every open board, from the server's own loop: a frozen browser delays nobody."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic
from uuid import UUID

from web.board import Change

KEPT = 5_000
"""Changes kept for boards that come back; who was away for longer is given the whole board."""
ROOM = 1_000
"""Alerts whose news a board may be behind before it is cut off, to come back from where it was."""
BEAT = 1.0
"""Seconds. Beats come from the loop that reads the log: when that stops, every board knows."""


@dataclass(frozen=True, slots=True)
class Beat:
    position: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since the last news, in the order of the log; each alert once, as it is now."""

    each: tuple[Change, ...]

    @property
    def position(self) -> int:
        return self.each[-1].position


class Missed:
    """So much was missed that the whole board must be asked for again."""


News = Changes | Beat | Missed


@dataclass(eq=False, slots=True)
class Listener:
    """One open board, and what it has not been told yet: bounded, however long it does not read."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)
    pending: dict[UUID, Change] = field(default_factory=dict)
    beat: Beat | None = None
    ended: bool = False

    def give(self, changes: Iterable[Change], beat: Beat | None) -> None:
        """Ends it when it is too far behind: it comes back and asks from where it was."""
        if len(self.pending) > ROOM:
            self.end()
            return
        for change in changes:
            _add(self.pending, change)
        self.beat = beat or self.beat
        self.woken.set()

    def end(self) -> None:
        self.ended = True
        self.pending.clear()
        self.woken.set()

    def taken(self) -> list[News]:
        """Everything it has not been told yet; at once, so that many changes are one message."""
        self.woken.clear()
        news: list[News] = [Changes(tuple(self.pending.values()))] if self.pending else []
        news += [self.beat] if self.beat is not None else []
        self.pending, self.beat = {}, None
        return news


def _add(pending: dict[UUID, Change], change: Change) -> None:
    """Two changes of one alert are one, from before the first to after the last."""
    earlier = pending.pop(change.alert, None)
    pending[change.alert] = change if earlier is None else replace(change, before=earlier.before)


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
        missed = after < self._from or after > self._position
        if not missed:
            listener.give((each for each in self._kept if each.position > after), None)
        self._listeners.add(listener)
        try:
            if missed:
                yield Missed()
            while not listener.ended:
                for each in listener.taken():
                    yield each
                await listener.woken.wait()
        finally:
            self._listeners.discard(listener)

    def _tell(self, changes: Sequence[Change], position: int, *, beaten: bool) -> None:
        self._position = position
        for change in changes:
            self._kept.append(change)
        while len(self._kept) > KEPT:
            self._from = self._kept.popleft().position
        beat = Beat(position) if beaten else None
        for listener in self._listeners:
            listener.give(changes, beat)

    def _end(self) -> None:
        for listener in self._listeners:
            listener.end()
