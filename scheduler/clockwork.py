"""Clockwork: wakes the sweep at the next due instant. The only module that knows APScheduler.

APScheduler is a waker and nothing more: one repeating job in memory, its next run moved to the next
due instant. Every deadline is a row of the sheet and a fact of the log, so nothing it forgets,
misses or loses can lose one.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from scheduler.sweeps import Sweep

LONGEST_SLEEP = 1.0
"""Seconds; a clock that was stepped, or a wake-up that was lost, costs no more than this."""

# An alarm that rings while a sweep is under way is no event, and a fault reaches the listener: the
# library's own words, tracebacks and all, would only stand beside ours.
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)

_LOOK_AGAIN = 0.002
"""Seconds after which a sweep looks again at what another one has claimed."""

NIGHTLY = "nightly"
_AT_NIGHT = {"hour": 3, "minute": 30, "coalesce": True, "misfire_grace_time": None}
"""03:30 UTC: between 00:59 and 02:01 in London a local time may come twice or not at all."""

_AFTER_A_FAULT = 0.1
"""Seconds until the next sweep after one that failed."""

_TOO_QUIET = 2.0
"""Seconds on the monotonic clock without a sweep after which the watchdog steps in."""


class _Again(BaseTrigger):  # type: ignore[misc]  # the library is not typed
    """A second from now, always.

    APScheduler's own interval counts every second it thinks it missed: after the clock was put
    forward by a hundred days it counted for twenty seconds, and nothing was swept meanwhile.
    """

    def get_next_fire_time(self, _: datetime | None, now: datetime) -> datetime:
        return now + timedelta(seconds=LONGEST_SLEEP)


class Clockwork:
    """Runs the sweep on a thread of its own; `work` keeps its alarm set and watches over it."""

    def __init__(
        self,
        sweep: Sweep,
        now: Callable[[], datetime],
        fault: Callable[[Exception], None],
        nightly: Callable[[], object] | None = None,
    ) -> None:
        """`now` is the clock of the machine, which APScheduler reads too.

        `nightly` is done once a night, beside the sweeps.
        """
        self._sweep = sweep
        self._nightly = nightly
        self._now = now
        self._fault = fault
        self._swept = monotonic()
        self._alarm = threading.Lock()
        self._stopped = False
        self._wind_up()

    def work(self, wait: float) -> int:
        """Take in news of the log, set the alarm by it; at most `wait` seconds. Events read."""
        read = self._sweep.read(min(wait, LONGEST_SLEEP))
        if read:
            self._set_alarm()
        if monotonic() - self._swept > _TOO_QUIET:
            self._rewind()
        return read

    def close(self) -> None:
        """Let a sweep under way finish, and start no other.

        It must set no alarm any more: APScheduler shuts down holding the lock that setting one
        needs, and would wait for it for ever.
        """
        with self._alarm:
            self._stopped = True
        self._scheduler.shutdown(wait=True)

    def _wind_up(self) -> None:
        self._scheduler: Any = BackgroundScheduler(timezone=UTC)
        self._job: Any = self._scheduler.add_job(
            self._run,
            _Again(),
            next_run_time=self._now(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        if self._nightly is not None:
            self._scheduler.add_job(self._nightly, "cron", id=NIGHTLY, **_AT_NIGHT)
        self._scheduler.add_listener(self._failed, EVENT_JOB_ERROR)
        self._scheduler.start()

    def _failed(self, event: Any) -> None:
        self._fault(event.exception)

    def _run(self) -> None:
        """A fault rises to APScheduler, which tells the listener and runs the job again."""
        swept = more = False
        try:
            self._sweep.raise_due()
            more = self._sweep.read_ahead()
            swept = True
        finally:
            self._swept = monotonic()
            if not swept:
                self._wake_in(_AFTER_A_FAULT)
        self._set_alarm(soon=more)

    def _set_alarm(self, *, soon: bool = False) -> None:
        """Wake at the next due instant, or in a second, whichever comes first.

        What is due and still there is in another sweep's hands, which may die.
        """
        due = self._sweep.sheet.next_due()
        wait = LONGEST_SLEEP if due is None else (due - self._now()).total_seconds()
        wait = 0 if soon else wait
        self._wake_in(max(_LOOK_AGAIN, min(wait, LONGEST_SLEEP)))

    def _rewind(self) -> None:
        """Nothing has swept for too long: the clock was put back, or the thread died."""
        self._swept = monotonic()
        if not self._scheduler.running:
            self._wind_up()
        self._wake_in(0)

    def _wake_in(self, seconds: float) -> None:
        with self._alarm:
            if not self._stopped:
                self._job.modify(next_run_time=self._now() + timedelta(seconds=seconds))
