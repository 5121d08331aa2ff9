"""Streams kept from one command to the next, so that a busy order is not read again from its start."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from eventsourcing.application import LRUCache

from domain.events import RecordedEvent, Stream

_MOST = 2000

S = TypeVar("S", bound=Stream)

Past = Callable[[Mapping[UUID, int]], Iterable[Sequence[RecordedEvent]]]
"""What each stream holds past that version of it; only streams that hold anything."""


class Shelf:
    """One is taken off before it is used and put back after its save: a failed decision leaves nothing."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._kept: LRUCache[UUID, Stream] = LRUCache(_MOST)

    def taken(self, identity: UUID, kind: type[S]) -> S:
        """The stream as last seen, the caller's alone until it is put back."""
        try:
            kept = self._kept.get(identity, evict=True)
        except KeyError:
            kept = None
        return kept if isinstance(kept, kind) else kind(identity)

    def catch_up(self, *streams: Stream) -> None:
        """Read what was written to them since they were last seen; one query for them all."""
        seen = {stream.id: stream for stream in streams}
        for news in self._past({stream.id: stream.version for stream in streams}):
            seen[news[0].originator_id].fold(news)

    def put(self, streams: Iterable[Stream]) -> None:
        for stream in streams:
            self._kept.put(stream.id, stream)
