"""Attempts under way at one endpoint: as long as it answers one after the other, beside each other when one hangs.

A message that hangs would otherwise cost every other one behind it the four seconds until it is cut off.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from consumers.channels.message import NotNow, Reply, Taken
from domain.desk.deliveries import Delivery

MOST = 32
"""Attempts under way at once; more than an endpoint hangs on in the time until one is cut off."""

REPEATS = 8
"""Of them, at most so many of messages that did not work before: what is new always finds room."""

PATIENCE = 0.1
"""Seconds that the next one waits for an attempt, where no other hangs."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _UnderWay(Generic[_T]):
    what: _T
    alert: UUID
    repeat: bool


class Senders(Generic[_T]):
    """Only what waits for the other side runs on a thread of its own: everything else is its owner's."""

    def __init__(self, name: str) -> None:
        self._threads = ThreadPoolExecutor(MOST, thread_name_prefix=name)
        self._under_way: dict[Future[Reply], _UnderWay[_T]] = {}

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def carries(self) -> Iterator[_T]:
        """What is under way."""
        return (each.what for each in self._under_way.values())

    def has_room(self, alert: UUID, *, repeat: bool) -> bool:
        """Of one alert nothing overtakes what is under way."""
        if len(self._under_way) >= MOST or any(e.alert == alert for e in self._under_way.values()):
            return False
        return not repeat or sum(each.repeat for each in self._under_way.values()) < REPEATS

    def send(self, send: Callable[[], Reply], what: _T, alert: UUID, *, repeat: bool) -> None:
        alone = not self._under_way
        begun = self._threads.submit(send)
        self._under_way[begun] = _UnderWay(what, alert, repeat)
        if alone:
            wait([begun], PATIENCE)

    def answered(self) -> Iterator[tuple[_T, Callable[[], Reply]]]:
        """What has ended since this was last asked; its reply, or the fault that was raised instead."""
        for done in [each for each in self._under_way if each.done()]:
            yield self._under_way.pop(done).what, done.result

    def close(self) -> None:
        """Until what is under way has ended: each is cut off in time."""
        self._threads.shutdown(wait=True)


def answer(delivery: Delivery, reply: Reply, now: datetime) -> None:
    """Write down what the other side said at once."""
    if isinstance(reply, Taken):
        delivery.accepted(now, provider_id=reply.provider_id)
    elif isinstance(reply, NotNow):
        delivery.put_off(now, said=reply.said, after=reply.after)
    else:
        delivery.refused(now, said=reply.said)
