"""What keeps alerts from people, as a board says it: what nobody can read, and a line that is silent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from domain.batches import POISON
from domain.desk.suppressions import (
    SuppressionDecided,
    SuppressionEnded,
    SuppressionKind,
    Suppressions,
)
from domain.line_tests import LineTest, LineTestRaised, StageHeard, StageRetired, StageSilent
from domain.parked import EventDiscarded, EventParked, EventRedriven
from domain.published import OrderEvent
from domain.register import OrderRegister
from domain.unread import MessageSettled, MessageUnread

_STAGES = frozenset(kind.TOPIC for kind in (StageSilent, StageHeard, StageRetired))
_SETTLED = frozenset({EventRedriven.TOPIC, EventDiscarded.TOPIC})
_SET_ASIDE = _SETTLED | {EventParked.TOPIC, MessageUnread.TOPIC, MessageSettled.TOPIC}
_HOLDS = frozenset({SuppressionDecided.TOPIC, SuppressionEnded.TOPIC})
STANDING = _STAGES | _SET_ASIDE | _HOLDS
TESTS = frozenset({LineTestRaised.TOPIC})


@dataclass(frozen=True, slots=True)
class Disabled:
    """A decision that runs, by which nobody is told of alerts of these terms."""

    kind: SuppressionKind
    conditions: tuple[str, ...]
    of_one_order: bool
    force: str
    ends: datetime
    by: str
    seconded_by: str | None


@dataclass(frozen=True, slots=True)
class State:
    """`parked`: records that a reader went on without, for which nobody settled that it does.

    `messages`: came in and cannot be read, and nobody settled what they were. `tested_at` is None where no test ever came.
    """

    unreadable: int
    parked: int
    messages: int
    tested_at: datetime | None
    silent: bool
    stages: tuple[str, ...]
    disabled: tuple[Disabled, ...] = ()

    @property
    def whole(self) -> bool:
        return not (self.unreadable or self.parked or self.messages or self.silent or self.stages)


class Works:
    """`hear` is called by the thread that reads the log; `state` by any."""

    def __init__(
        self, register: OrderRegister, monotonic: Callable[[], float], *, within: float
    ) -> None:
        """`within` seconds after one line test the next must be there."""
        self._register = register
        self._monotonic = monotonic
        self._within = within
        self._parked: frozenset[UUID] = frozenset()
        self._messages: set[UUID] = set()
        self._stages: dict[UUID, str] = {}
        self._announced: dict[UUID, tuple[Disabled, ...]] = {}
        self._tested_at: datetime | None = None
        self._heard = self._monotonic()

    def hear(self, events: Iterable[OrderEvent]) -> None:
        decided: set[UUID] = set()
        for event in events:
            if event.topic in _SET_ASIDE:
                self._set_aside(event)
            elif event.topic in _HOLDS:
                decided.add(event.stream_id)
            elif event.topic in TESTS:
                self._tested(event)
            elif event.topic in _STAGES:
                self._stage(event)
        for force in decided:
            self._hold(force)

    def state(self, unreadable: int, now: datetime) -> State:
        """As of now. A test that nobody expects, because none ever came, is not missed."""
        silent = self._tested_at is not None and self._monotonic() - self._heard > self._within
        stages = tuple(sorted(self._stages.copy().values()))
        counted = unreadable, len(self._parked), len(self._messages)
        announced = chain.from_iterable(self._announced.copy().values())
        disabled = sorted((each for each in announced if now < each.ends), key=_first_to_end)
        return State(*counted, self._tested_at, silent, stages, tuple(disabled))

    def _set_aside(self, event: OrderEvent) -> None:
        if event.topic == EventParked.TOPIC:
            self._parked |= {event.stream_id}
        elif event.topic in _SETTLED:
            self._parked -= {event.stream_id}
        elif event.topic == MessageUnread.TOPIC:
            self._messages.add(event.stream_id)
        else:
            self._messages.discard(event.stream_id)

    def _hold(self, stream: UUID) -> None:
        """What nobody can read holds nothing back, so is no decision that runs."""
        try:
            decided = self._register.read(Suppressions(stream)).decisions.values()
        except POISON:
            return
        self._announced[stream] = tuple(
            Disabled(
                each.decided.kind,
                each.decided.conditions,
                each.decided.order_id is not None,
                each.force,
                each.ends,
                each.by,
                each.decided.seconded_by,
            )
            for each in decided
            if each.announced
        )

    def _tested(self, event: OrderEvent) -> None:
        self._heard = self._monotonic()
        try:
            raised = self._register.read(LineTest(event.stream_id)).raised
        except POISON:
            return  # it came; when it was begun nobody can say
        self._tested_at = self._tested_at if raised is None else raised.raised_at

    def _stage(self, event: OrderEvent) -> None:
        if event.topic == StageSilent.TOPIC:
            self._stages[event.stream_id] = self._named(event)
        else:
            self._stages.pop(event.stream_id, None)

    def _named(self, event: OrderEvent) -> str:
        try:
            (recorded,) = self._register.events_of(
                event.stream_id, gt=event.version - 1, lte=event.version
            )
        except POISON:
            return "?"
        said = recorded.event
        return said.stage if isinstance(said, StageSilent) else "?"


def _first_to_end(disabled: Disabled) -> tuple[datetime, str]:
    return disabled.ends, disabled.force
