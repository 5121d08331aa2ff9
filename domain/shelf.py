"""Streams kept from one command to the next, so that a busy order is not read again from its start."""

from collections import OrderedDict
from threading import Lock
from typing import TypeVar
from uuid import UUID

from domain.events import Stream

_S = TypeVar("_S", bound=Stream)


class Shelf:
    """Holds streams as they stood when last saved; safe to share between threads.

    Whoever takes a stream has it alone and reads what was written since. It is put back only after
    a save, so that a decision that failed leaves nothing behind.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._streams: OrderedDict[UUID, Stream] = OrderedDict()
        self._lock = Lock()

    def take(self, identity: UUID, kind: type[_S]) -> _S:
        """The stream, taken off the shelf; a new and empty one when it is not there."""
        with self._lock:
            stream = self._streams.pop(identity, None)
        return stream if isinstance(stream, kind) else kind(identity)

    def put(self, *streams: Stream) -> None:
        with self._lock:
            for stream in streams:
                self._streams[stream.id] = stream
                self._streams.move_to_end(stream.id)
            while len(self._streams) > self._most:
                self._streams.popitem(last=False)
