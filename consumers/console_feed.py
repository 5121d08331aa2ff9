"""The feed of one console among several on the same log, each of which says every alert."""

from collections.abc import Sequence
from contextlib import suppress

from eventsourcing.persistence import IntegrityError, ProcessRecorder, Tracking

from domain.published import EventReader, OrderEvent

FURTHEST = "console"
"""The bookmark of whichever console is furthest; each has one of its own besides."""


class ConsoleFeed:
    """Reads on from where this console was. A new one goes on from where the furthest has come."""

    def __init__(self, console: str, reader: EventReader, recorder: ProcessRecorder) -> None:
        """`console` is its name, the same whenever it is started again."""
        self.name = f"{FURTHEST}:{console}"
        self._reader = reader
        self._recorder = recorder
        self._position = recorder.max_tracking_id(self.name) or self._furthest() or 0

    def read(self, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        return self._reader.read(self._position, limit=limit, wait=wait)

    def commit(self, upto: OrderEvent) -> None:
        """Never deliver `upto` or anything before it to this console again."""
        with suppress(IntegrityError):  # saved before, where the database did not live to say so
            self._recorder.insert_tracking(Tracking(self.name, upto.position))
        self._position = upto.position
        with suppress(IntegrityError):  # another console is further on
            self._recorder.insert_tracking(Tracking(FURTHEST, upto.position))

    def _furthest(self) -> int | None:
        return self._recorder.max_tracking_id(FURTHEST)
