"""A feed straight from the log, with its bookmark in the log's own tracking table."""

from collections.abc import Sequence

from eventsourcing.persistence import ProcessRecorder, Tracking

from domain.published import EventReader, OrderEvent


class LogFeed:
    """Reads on from where the consumer of that name last committed, in any process before."""

    follows_log = True

    def __init__(self, name: str, reader: EventReader, recorder: ProcessRecorder) -> None:
        self.name = name
        self._reader = reader
        self._recorder = recorder
        self.more = False
        self.rewinds = 0
        self._position = recorder.max_tracking_id(name) or 0

    def read(self, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        events = self._reader.read(self._position, limit=limit, wait=wait)
        self.more = len(events) >= limit
        return events

    def commit(self, upto: OrderEvent) -> None:
        self._recorder.insert_tracking(self.tracking(upto))
        self.committed(upto)

    def tracking(self, upto: OrderEvent) -> Tracking:
        """The bookmark, for an effect that is saved in the same transaction with it."""
        return Tracking(self.name, upto.position)

    def committed(self, upto: OrderEvent) -> None:
        """Go on after `upto`; its bookmark was saved with the effect."""
        self._position = upto.position

    def rewind(self) -> None:
        """Go on from the bookmark on record: another instance of this consumer moved it."""
        self.rewinds += 1
        self._position = self._recorder.max_tracking_id(self.name) or 0
