"""An event store that keeps the events themselves: for `what-if`, where nothing is stored."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from eventsourcing.persistence import (
    EventStore,
    IntegrityError,
    Notification,
    Recording,
    Tracking,
)

from domain.events import RecordedEvent


class MemoryEventStore(EventStore[UUID]):
    """Keeps the promises of the log, except that nothing outlives the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: list[RecordedEvent] = []
        self._streams: defaultdict[UUID, dict[int, RecordedEvent]] = defaultdict(dict)
        self._tracked: dict[str, int] = {}

    def put(  # type: ignore[override]
        self, domain_events: Sequence[RecordedEvent], *, tracking: Tracking | None = None
    ) -> list[Recording[UUID]]:
        """All of them with `tracking`, or `IntegrityError` and none. The states are empty."""
        with self._lock:
            self._refuse_conflicts(domain_events, tracking)
            if tracking is not None:
                self._tracked[tracking.application_name] = tracking.notification_id
            return [self._append(recorded) for recorded in domain_events]

    def append(self, events: Sequence[RecordedEvent]) -> list[int]:
        return [recording.notification.id for recording in self.put(events)]

    def past(self, versions: Mapping[UUID, int]) -> list[list[RecordedEvent]]:
        found = (list(self.get(each, gt=version)) for each, version in versions.items())
        return [news for news in found if news]

    def get(
        self,
        originator_id: UUID,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Iterator[RecordedEvent]:
        with self._lock:
            stream = sorted(self._streams.get(originator_id, {}).items(), reverse=desc)
        chosen = [
            recorded
            for version, recorded in stream
            if (gt is None or version > gt) and (lte is None or version <= lte)
        ]
        return iter(chosen[:limit])

    def after(self, position: int) -> Iterator[tuple[int, RecordedEvent]]:
        """Everything past `position` with its own position, oldest first, as of now."""
        with self._lock:
            found = self._log[position:]
        return enumerate(found, start=position + 1)

    def _append(self, recorded: RecordedEvent) -> Recording[UUID]:
        self._log.append(recorded)
        stream, version = recorded.originator_id, recorded.originator_version
        self._streams[stream][version] = recorded
        notification = Notification(stream, version, recorded.topic, b"", len(self._log))
        return Recording(recorded, notification)

    def _refuse_conflicts(self, events: Sequence[RecordedEvent], tracking: Tracking | None) -> None:
        places = {(each.originator_id, each.originator_version) for each in events}
        if len(places) < len(events) or any(
            version in self._streams.get(stream, ()) for stream, version in places
        ):
            msg = "someone else wrote first"
            raise IntegrityError(msg)
        if tracking is not None:
            last = self._tracked.get(tracking.application_name)
            if last is not None and tracking.notification_id <= last:
                msg = f"{tracking.application_name} has already gone past this position"
                raise IntegrityError(msg)
