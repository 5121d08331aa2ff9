"""Lets the threads of one process commit together: one waits for the disk, for all who came."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from eventsourcing.persistence import PersistenceError, Tracking

from spowatch.store.log_rows_postgres import Row
from spowatch.store.postgres_connection import DEADLINE
from spowatch.store.postgres_faults import OutcomeUnknown
from spowatch.store.sqlite_connection import StoreUnavailable

MOST_TOGETHER = 64
MOST_EVENTS_TOGETHER = 400
_CUT_OFF = "the thread that committed for others was ended"


class Save:
    """What one thread wants stored, and what became of it."""

    __slots__ = ("_error", "_positions", "called", "rows", "settled", "tracking")

    def __init__(self, rows: Sequence[Row], tracking: Tracking | None) -> None:
        self.rows = rows
        self.tracking = tracking
        self.settled = False
        self.called = threading.Lock()
        """Free once this save is settled, or its thread is to lead."""
        self.called.acquire()
        self._positions: Sequence[int] = ()
        self._error: Exception | None = None

    def stored(self, positions: Sequence[int]) -> None:
        self._positions, self.settled = positions, True

    def refused(self, error: Exception) -> None:
        self._error, self.settled = error, True

    def outcome(self) -> Sequence[int]:
        if self._error is not None:
            raise self._error
        return self._positions


class GroupCommit:
    """Saves that arrive while one is being committed are committed together, next."""

    def __init__(
        self,
        place: Path,
        commit: Callable[[Sequence[Save]], None],
        *,
        patience: float = DEADLINE,
    ) -> None:
        """`commit` settles each save it is given, or raises, in a time that has an end."""
        self._place = place
        self._patience = patience
        self._commit = commit
        self._lock = threading.Lock()
        self._queue: deque[Save] = deque()
        self._led = False

    def save(self, save: Save) -> Sequence[int]:
        with self._lock:
            self._queue.append(save)
            leads, self._led = not self._led, True
        if leads or self._is_called_to_lead(save):
            self._lead(save)
        return save.outcome()

    def _is_called_to_lead(self, save: Save) -> bool:
        if not save.called.acquire(timeout=self._patience):
            self._give_up_waiting(save)
        return not save.settled

    def _give_up_waiting(self, save: Save) -> None:
        with self._lock:
            queued = save in self._queue
            if queued and not save.called.acquire(blocking=False):
                self._queue.remove(save)
                trouble = f"other saves of this process took {self._patience:.0f} s"
                raise StoreUnavailable(self._place, trouble, "try again")
        if not queued:
            # Its group is on the way, and that has a deadline of its own.
            save.called.acquire()

    def _lead(self, own: Save) -> None:
        with self._lock:
            group = self._next_group()
        try:
            self._commit(group)
        except PersistenceError as error:
            _refuse_the_rest(group, error)
        finally:
            if not all(each.settled for each in group):
                _refuse_the_rest(group, OutcomeUnknown(self._place, _CUT_OFF, "send it again"))
            with self._lock:
                self._hand_over()
            for each in group:
                if each is not own:
                    each.called.release()

    def _next_group(self) -> list[Save]:
        """The first save in the queue, which is the leader's, and what goes with it."""
        group = [self._queue.popleft()]
        room = MOST_EVENTS_TOGETHER - len(group[0].rows)
        while self._queue and len(self._queue[0].rows) <= room and len(group) < MOST_TOGETHER:
            group.append(self._queue.popleft())
            room -= len(group[-1].rows)
        return group

    def _hand_over(self) -> None:
        if self._queue:
            self._queue[0].called.release()
        else:
            self._led = False


def _refuse_the_rest(group: Sequence[Save], error: PersistenceError) -> None:
    for each in group:
        if not each.settled:
            each.refused(error)
