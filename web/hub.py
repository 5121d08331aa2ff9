"""Fans changes out to every open board, from the server's own loop: a frozen browser delays nobody."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from time import monotonic
from uuid import UUID

from web.board import Change

KEPT = 5_000
"""Changes kept for boards that come back; who was away for longer is given the whole board."""
ROOM = 1_000
"""Changes a board may be behind before it is cut off, to come back from where it was."""
IN_ONE = 25
"""Alerts in one message: what a slow connection has not taken of it is kept for each board."""
EACH = 0.0001
"""Seconds it takes to tell one board, and more. What comes while boards are told, or would be, is told together:
twenty boards wait for 2 ms of it at the most, five hundred for 50, and who writes keeps the processor."""
BEAT = 1.0
"""Seconds. Beats come from the loop that reads the log: when that stops, every board knows."""


@dataclass(frozen=True, slots=True, eq=False)
class Beat:
    position: int


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What changed since the last news, in the order of the log; each alert once, as it was then.

    The same object for all boards that are as far, so that what they are told is written once.
    """

    each: tuple[Change, ...]

    @property
    def position(self) -> int:
        return self.each[-1].position


class Missed:
    """So much was missed that the whole board must be asked for again."""


News = Changes | Beat | Missed


@dataclass(eq=False, slots=True)
class Listener:
    """One open board, and how many of all changes it has been told of."""

    told: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    beat: Beat | None = None
    ended: bool = False

    def end(self) -> None:
        self.ended = True
        self.woken.set()


def _merged(changes: Iterable[Change]) -> tuple[Changes, ...]:
    """In one message changes of one alert are one, from before the first to after the last.

    A message ends where the next begins: who is cut off between the two comes back to all that is left.
    """
    messages: list[dict[UUID, list[Change]]] = [{}]
    for change in changes:
        if len(messages[-1]) == IN_ONE and change.alert not in messages[-1]:
            messages.append({})
        of_alert = messages[-1].pop(change.alert, [])
        of_alert.append(change)
        messages[-1][change.alert] = of_alert
    return tuple(Changes(tuple(map(_as_one, each.values()))) for each in messages if each)


def _as_one(changes: Sequence[Change]) -> Change:
    """Of one alert, in turn."""
    if len(changes) == 1:
        return changes[0]
    between = tuple(each.after for each in changes[:-1])
    return replace(changes[-1], before=changes[0].before, between=between)


class Hub:
    """Everything but `publish` and `close` runs on the loop of the server."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[Listener] = set()
        self._kept: deque[Change] = deque()
        self._count = 0
        self._news: dict[int, tuple[Changes, ...]] = {}
        self._from = 0
        self._position = 0
        self._beaten = 0.0
        self._beat: Beat | None = None
        self._woken, self._woken_at = 0, 0.0
        self._gathering = False

    def open(self, loop: asyncio.AbstractEventLoop, position: int) -> None:
        """Begin at that position of the log."""
        self._loop = loop
        self._from = self._position = position

    def publish(self, changes: Sequence[Change], position: int) -> None:
        """Called by the thread that reads the log; never waits."""
        if self._loop is None or self._loop.is_closed():
            return
        # At once, not with the next beat: a page made meanwhile is not ahead of us.
        self._position = position
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
        """What changed past that position, as it comes.

        What changed at that very position is told again: a hold that ends by the clock moves no log, and
        who stands there may not have heard of it.
        """
        missed = after < self._from or after > self._position
        behind = 0 if missed else sum(each.position >= after for each in self._kept)
        listener = Listener(told=self._count - behind)
        self._listeners.add(listener)
        try:
            if missed:
                yield Missed()
            while not listener.ended:
                for each in self._taken(listener):
                    yield each
                await listener.woken.wait()
        finally:
            self._listeners.discard(listener)

    def _taken(self, listener: Listener) -> list[News]:
        """Everything it has not been told yet; at once, so that many changes are few messages."""
        listener.woken.clear()
        beat, listener.beat = listener.beat, None
        told, listener.told = listener.told, self._count
        if told < self._count - len(self._kept):
            return [Missed()]
        return [*self._since(told), *([] if beat is None else [beat])]

    def _since(self, told: int) -> tuple[Changes, ...]:
        """The news for whoever was told of so many changes."""
        if told == self._count:
            return ()
        if told not in self._news:
            begun = told - (self._count - len(self._kept))
            self._news[told] = _merged(islice(self._kept, begun, None))
        return self._news[told]

    def _tell(self, changes: Sequence[Change], position: int, *, beaten: bool) -> None:
        """Boards that were left alone for a while are told at once; the others a moment later, of all that came."""
        self._count += len(changes)
        self._kept.extend(changes)
        while len(self._kept) > KEPT:
            self._from = self._kept.popleft().position + 1
        self._news.clear()
        if beaten:
            self._beat = Beat(position)
        if self._gathering:
            return
        loop = asyncio.get_running_loop()
        due = self._woken_at + EACH * len(self._listeners)
        if due <= loop.time():
            self._wake()
        else:
            self._gathering = True
            loop.call_at(due, self._wake)

    def _wake(self) -> None:
        before, self._woken = self._woken, self._count
        beat, self._beat = self._beat, None
        self._gathering, self._woken_at = False, asyncio.get_running_loop().time()
        for listener in self._listeners:
            if before - listener.told > ROOM:
                listener.end()
                continue
            listener.beat = beat or listener.beat
            listener.woken.set()

    def _end(self) -> None:
        for listener in self._listeners:
            listener.end()
