"""Streams kept from one use to the next, so that a busy order is not read again from its start."""

from collections import OrderedDict
from threading import Lock
from typing import TypeVar
from uuid import UUID

from domain.events import Stream

MOST = 50_000
"""Events, some 70 MB."""

_S = TypeVar("_S", bound=Stream)


class Shelf:
    """The streams used last, as many as hold no more than so many events together.

    One is taken off before it is used and put back afterwards: nobody else has it meanwhile, and a
    use that fails leaves nothing. Safe to share between threads.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[UUID, Stream] = OrderedDict()
        self._events = 0
        self._lock = Lock()

    def take(self, identity: UUID, kind: type[_S]) -> _S:
        """The stream as last seen, ours alone until it is put back; an empty one where there is none."""
        with self._lock:
            kept = self._without(identity)
        return kept if isinstance(kept, kind) else kind(identity)

    def has(self, identity: UUID) -> bool:
        """Whether anything of it is kept; where not, it may be stored all the same."""
        with self._lock:
            kept = self._kept.get(identity)
            return kept is not None and kept.version > 0

    def put(self, stream: Stream) -> None:
        """Keep it as it is; those that nobody used for longest make room."""
        with self._lock:
            self._without(stream.id)
            self._kept[stream.id] = stream
            self._events += _room(stream)
            while self._events > self._most:
                self._without(next(iter(self._kept)))

    def _without(self, identity: UUID) -> Stream | None:
        kept = self._kept.pop(identity, None)
        if kept is not None:
            self._events -= _room(kept)
        return kept


def _room(stream: Stream) -> int:
    return 1 + stream.version
