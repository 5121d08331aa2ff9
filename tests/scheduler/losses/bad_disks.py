"""Our log and our sheet on disks that fail at the worst moment."""

import threading
from collections.abc import Sequence
from pathlib import Path
from time import sleep
from typing import Any

from eventsourcing.persistence import StoredEvent

from domain.findings import ConcernRaised, NotificationMissed
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.store.log_sqlite import SqliteLog
from spowatch.wiring.store import now
from tests.scheduler.losses.doom import meet_doom
from tests.scheduler.losses.ways import A_WHILE, Disk, Trouble

RAISES = (NotificationMissed.TOPIC, ConcernRaised.TOPIC)


class DoomedLog(SqliteLog):
    """A log whose process may die when a deadline was claimed and is about to be saved."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        if any(stored.topic in RAISES for stored in stored_events):
            meet_doom(self.path.parent)
        return super().insert_events(stored_events, **kwargs)


class TroubledSheet(SqliteDeadlineSheet):
    """A sheet on a disk that falters or dawdles once for every thread, from an instant on."""

    def __init__(self, path: Path, trouble: Trouble) -> None:
        super().__init__(path)
        self._trouble = trouble
        self._met: set[int] = set()
        self._db.set_progress_handler(self._meet, 1)

    def _meet(self) -> int:
        """What is not 0 makes SQLite give the query up, with an `OperationalError`."""
        thread = threading.get_ident()
        if thread in self._met or now() < self._trouble.at:
            return 0
        self._met.add(thread)
        if self._trouble.disk is Disk.FALTERS:
            return 1
        sleep(A_WHILE)
        return 0
