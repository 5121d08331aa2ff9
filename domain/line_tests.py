"""Line tests: a synthetic breach that goes the whole road and is no order, no breach and no alert.

It has streams and topics of its own, so that nothing that counts, judges or escalates can take it for
real: whoever does not ask for these topics never sees one. See docs/decisions/0015.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from pydantic import AwareDatetime

from domain.batches import POISON
from domain.dossier import NAMESPACE
from domain.events import Envelope, Event, RecordedEvent, Stream
from domain.facts.words import ShortText, StaffNumber
from domain.register import OrderRegister


class LineTestBegun(Event):
    """A test was put on the line, where a breach would be."""

    TOPIC = "spo.line-test-begun.v1"
    begun_at: AwareDatetime


class LineTestRaised(Event):
    """A test reached the desk, or the second road, and goes on to every console and channel."""

    TOPIC = "spo.line-test-raised.v1"
    begun_at: AwareDatetime
    raised_at: AwareDatetime
    by: ShortText


class StageSilent(Event):
    """A stage of the road let a line test pass by: what is real may not come through it either."""

    TOPIC = "spo.stage-silent.v1"
    stage: ShortText
    test_at: AwareDatetime


class StageHeard(Event):
    """It passed a line test again."""

    TOPIC = "spo.stage-heard.v1"
    stage: ShortText


class StageRetired(Event):
    """A person said that it is gone on purpose. It is expected again once it passes a test."""

    TOPIC = "spo.stage-retired.v1"
    stage: ShortText
    staff: StaffNumber
    reason: ShortText


OF_THE_LINE = frozenset(
    kind.TOPIC for kind in (LineTestBegun, LineTestRaised, StageSilent, StageHeard, StageRetired)
)
"""No order, no alert: nothing of these is ever due."""


def line_test_stream(after: int) -> UUID:
    """The test that comes after the one at that position: of two testers, one begins it."""
    return uuid5(NAMESPACE, f"line-test:{after}")


def stage_stream(stage: str) -> UUID:
    return uuid5(NAMESPACE, f"stage:{stage}")


@dataclass(slots=True)
class LineTest(Stream):
    """One test on its way."""

    begun: LineTestBegun | None = None
    raised: LineTestRaised | None = None

    def begin(self, now: datetime) -> None:
        if self.version == 0:
            self._record(LineTestBegun(begun_at=now), _aside("line-test", now))

    def raise_(self, by: str, now: datetime) -> None:
        if self.begun is not None and self.raised is None:
            raised = LineTestRaised(begun_at=self.begun.begun_at, raised_at=now, by=by)
            self._record(raised, _aside(by, now))

    def apply(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case LineTestBegun() as begun:
                self.begun = begun
            case LineTestRaised() as raised:
                self.raised = raised
            case _:
                pass


def readable_test(register: OrderRegister, test: UUID) -> LineTest | None:
    """None for one that cannot be read: it goes no further, and keeps no alert back."""
    try:
        return register.read(LineTest(test))
    except POISON:
        return None


@dataclass(slots=True)
class StageRecord(Stream):
    """What is on record of one stage."""

    silent: bool = False
    retired: bool = False

    def missed(self, stage: str, test_at: datetime, now: datetime) -> None:
        if not self.silent and not self.retired:
            self._record(StageSilent(stage=stage, test_at=test_at), _aside("line-test", now))

    def passed(self, stage: str, now: datetime) -> None:
        if self.silent or self.retired:
            self._record(StageHeard(stage=stage), _aside("line-test", now))

    def retire(self, stage: str, staff: str, reason: str, now: datetime) -> None:
        if not self.retired:
            retired = StageRetired(stage=stage, staff=staff, reason=reason)
            self._record(retired, _aside(staff, now))

    def apply(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case StageSilent():
                self.silent = True
            case StageHeard():
                self.silent = self.retired = False
            case StageRetired():
                self.silent, self.retired = False, True
            case _:
                pass


def _aside(actor: str, now: datetime) -> Envelope:
    return Envelope(occurred_at=now, recorded_at=now, entered_at=now, actor=actor, role="line-test")
