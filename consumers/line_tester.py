"""The line tester: puts a test on the line, and says which stage did not pass it on in time.

It has its own reading code: it asks where each stage has come to, by bookmarks and receipts in the store,
and never the stage itself. Run it in a process of its own, so that it does not die with what it watches.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, ProcessRecorder

from consumers.console_feed import FURTHEST
from consumers.line_receipts import receipt_name
from domain.line_tests import LineTest, LineTestBegun, StageRecord, line_test_stream, stage_stream
from domain.register import OrderRegister

DESK, RECONCILER, SWEEP, RELAY, CONSOLE = (
    "arrest-desk",
    "reconciler",
    "sweep",
    "relay",
    "console",
)
ALWAYS = (DESK, RECONCILER, SWEEP)
"""Missed even where they never ran: without them the promise is not kept."""

_FIRST_AFTER = 20.0
"""Seconds after the start: everything else is started too."""

_ENOUGH = 0.9
"""A test of another tester that is younger than this share of the time between two is enough."""

_RECEIPT = receipt_name("")
_BOOKMARKS = (RECONCILER,)
_CONSOLES = f"{FURTHEST}:"


class _Recorder(Protocol):
    def bookmarks(self) -> Mapping[str, int]:
        """How far every reader of the log has come, by its name."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from one test to the next, and those each stage has to pass one on."""

    every: float
    answer_within: float


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one test: every stage that was expected, and those that did not pass it."""

    position: int
    begun_at: datetime
    stages: tuple[str, ...]
    silent: tuple[str, ...]


class LineTester:
    """A test each so many seconds; of two testers on one store either may begin it, and both look."""

    def __init__(
        self,
        register: OrderRegister,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        probes: Mapping[str, Callable[[], int]],
        looked: Callable[[Round], None],
        pace: Pace,
    ) -> None:
        """`probes` say how far stages are whose bookmark is kept elsewhere than in the log.

        `looked` is told what came of each test; it must not raise.
        """
        self._register = register
        self._recorder = cast("ProcessRecorder", register.recorder)
        self._now = now
        self._monotonic = monotonic
        self._probes = probes
        self._looked = looked
        self._pace = pace
        self._begin_at = monotonic() + min(pace.every, _FIRST_AFTER)
        self._look_at: float | None = None
        self._newest = 0
        self._test: LineTest | None = None
        self._asleep = threading.Event()

    def work(self, wait: float) -> int:
        """Begin a test, or look what came of one; waits at most `wait` seconds. Tests begun."""
        now = self._monotonic()
        if self._look_at is not None and now >= self._look_at:
            self._look()
            self._look_at = None
            return 0
        if now >= self._begin_at:
            self._begin_at = now + self._pace.every
            self._look_at = now + self._pace.answer_within
            return self._begin()
        until = min(self._begin_at, self._look_at or self._begin_at)
        self._asleep.wait(min(wait, until - now))
        return 0

    def _begin(self) -> int:
        """Unless another tester has just begun one."""
        newest = self._last()
        if newest is not None and newest.begun is not None:
            age = (self._now() - newest.begun.begun_at).total_seconds()
            if 0 <= age < _ENOUGH * self._pace.every:
                return 0
        test = LineTest(line_test_stream(self._newest))
        test.begin(self._now())
        try:
            self._register.keep([test])
        except IntegrityError:  # another tester began it in the same moment
            return 0
        return 1

    def _last(self) -> LineTest | None:
        """The newest test on the log; `_newest` is its position."""
        stream = None
        while found := self._recorder.select_notifications(
            self._newest, 100, topics=[LineTestBegun.TOPIC], inclusive_of_start=False
        ):
            self._newest, stream = found[-1].id, found[-1].originator_id
        if stream is not None:
            self._test = self._register.read(LineTest(cast("UUID", stream)))
        return self._test

    def _look(self) -> None:
        test = self._last()
        if test is None or test.begun is None:
            return
        begun_at, upto = test.begun.begun_at, self._positions()
        silent = {stage for stage, place in upto.items() if place < self._newest}
        for stage in sorted(upto):
            if self._is_retired(stage, begun_at, passed=stage not in silent):
                del upto[stage]
        self._looked(
            Round(self._newest, begun_at, tuple(sorted(upto)), tuple(sorted(silent & set(upto))))
        )

    def _positions(self) -> dict[str, int]:
        upto = positions(cast("_Recorder", self._recorder).bookmarks())
        return upto | {name: probe() for name, probe in self._probes.items()}

    def _is_retired(self, stage: str, begun_at: datetime, *, passed: bool) -> bool:
        """Put it on record where that is news; whether a person said that the stage is gone."""
        record = self._register.read(StageRecord(stage_stream(stage)))
        if passed:
            record.passed(stage, self._now())
        else:
            record.missed(stage, begun_at, self._now())
        with suppress(IntegrityError):  # another tester said it in the same moment
            self._register.keep([record])
        return record.retired


def positions(bookmarks: Mapping[str, int]) -> dict[str, int]:
    """How far each stage has come; one that must be there and is not has come nowhere."""
    upto = dict.fromkeys(ALWAYS, 0)
    for name, place in bookmarks.items():
        if name.startswith(_RECEIPT):
            upto[name.removeprefix(_RECEIPT)] = place
        elif name in _BOOKMARKS or name.startswith(_CONSOLES):
            upto[name] = place
    if not any(name.startswith(_CONSOLES) for name in upto):
        upto[CONSOLE] = 0
    return upto
