"""Folds each stream's events in their order; what cannot be applied stops its own stream alone."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

from domain.batches import POISON
from domain.published import OrderEvent
from projections.sheet import Row, Sheet

S = TypeVar("S")

Past = Callable[[Sequence[UUID]], Mapping[UUID | str, Sequence[StoredEvent]]]
"""The whole stream of each id, as stored."""


@dataclass(slots=True)
class _Held(Generic[S]):
    """A stream as of `version`; no state when it is none of the sheet's."""

    version: int
    state: S | None


@dataclass(slots=True)
class Stopped:
    """What is parked of one stream, and why; `fault` is None when an earlier event stopped it."""

    events: list[OrderEvent]
    fault: Exception | None = None


_Place = tuple[int, str, int]
"""Position, topic and version of an event: one is kept for each, so it is no more than that."""


class Folding(Generic[S]):
    """Holds the streams it has met, so that what comes next is folded onto them.

    What it holds is a fold of the log's own beginning and so never wrong; a stream that goes on at
    another version than it is held at is read from the log again.
    """

    def __init__(self, sheet: Sheet[S], past: Past) -> None:
        self._sheet = sheet
        self._past = past
        self._held: OrderedDict[UUID, _Held[S]] = OrderedDict()
        self._changed: defaultdict[UUID, list[_Place]] = defaultdict(list)
        self._stopped: dict[UUID, Stopped] = {}

    def fold(self, events: Sequence[Notification], parked: Collection[UUID]) -> None:
        """Fold these in; of a stream that is parked, or has to be, set them aside."""
        streams: defaultdict[UUID, list[Notification]] = defaultdict(list)
        for event in events:
            stream = event.originator_id
            if isinstance(stream, UUID) and self._sheet.concerns(event.topic):
                streams[stream].append(event)
        going_on = {
            stream: some[0].originator_version
            for stream, some in streams.items()
            if stream not in parked and stream not in self._stopped
        }
        self._bring_up(going_on)
        for stream, some in streams.items():
            if stream in parked or stream in self._stopped:
                self._stop(stream, map(_placed, some))
            else:
                self._fold(stream, some)

    def taken(self) -> tuple[list[Row], list[Stopped]]:
        """The rows of what changed, and what stopped, since it was last asked."""
        made = [self._row(stream, places) for stream, places in self._changed.items()]
        stopped = list(self._stopped.values())
        self.discard()
        return [row for row in made if row is not None], stopped

    @property
    def held(self) -> int:
        return len(self._held)

    def discard(self) -> None:
        """Owe no rows: what was folded in before a fault may have been written by another since."""
        self._changed.clear()
        self._stopped.clear()

    def forget(self, room: int) -> None:
        """Hold no more than so many streams, of those that no row is owed for."""
        for stream in list(self._held):
            if len(self._held) <= room:
                return
            if stream not in self._changed:
                del self._held[stream]

    def row_upto(self, stream: UUID, events: Sequence[OrderEvent]) -> Row:
        """The row after the last of these, which are all there is since it was parked.

        Raises one of `POISON` when it still cannot be made.
        """
        self._held.pop(stream, None)
        position = events[0].position if events[0].version == 1 else None
        held = _Held[S](0, None)
        for stored in self._past([stream])[stream]:
            if stored.originator_version <= events[-1].version:
                self._apply(held, stored, position)
        if held.state is None:
            msg = f"{stream} is none of {self._sheet.table.name}"
            raise LookupError(msg)
        return self._sheet.row(held.state)

    def _bring_up(self, firsts: Mapping[UUID, int]) -> None:
        missing = [each for each, first in firsts.items() if self._version(each) != first - 1]
        for stream in missing:
            self._held.pop(stream, None)
        known = [stream for stream in missing if firsts[stream] > 1]
        past: Mapping[UUID | str, Sequence[StoredEvent]] = self._past(known) if known else {}
        for stream in known:
            held = _Held[S](0, None)
            try:
                for stored in past[stream]:
                    if stored.originator_version < firsts[stream]:
                        self._apply(held, stored, None)
            except POISON as fault:
                self._stopped[stream] = Stopped([], fault)
            else:
                self._held[stream] = held

    def _version(self, stream: UUID) -> int:
        held = self._held.get(stream)
        return 0 if held is None else held.version

    def _fold(self, stream: UUID, events: Sequence[Notification]) -> None:
        held = self._held.get(stream)
        if held is None:
            first = events[0]
            held = self._held[stream] = _Held(0, self._sheet.begin(stream, first, first.id))
        else:
            self._held.move_to_end(stream)
        if held.state is not None:
            events = self._applied(held.state, stream, events)
        if events:
            held.version = events[-1].originator_version

    def _applied(
        self, state: S, stream: UUID, events: Sequence[Notification]
    ) -> Sequence[Notification]:
        """Those that could be; the stream stops at the first that could not."""
        apply, done = self._sheet.apply, 0
        try:
            for event in events:
                apply(state, event)
                done += 1
        except POISON as fault:
            del self._held[stream]
            self._stop(stream, map(_placed, events[done:]), fault)
            events = events[:done]
        if events:
            self._changed[stream] += [(e.id, e.topic, e.originator_version) for e in events]
        return events

    def _row(self, stream: UUID, places: Sequence[_Place]) -> Row | None:
        """The row as of the last of these events that there can be one of."""
        held = self._held.get(stream)
        try:
            if held is not None and held.state is not None:
                return self._sheet.row(held.state)
            return self.row_upto(stream, _events(stream, places))  # it stopped half way through one
        except POISON:
            return self._row_one_by_one(stream, _events(stream, places))

    def _row_one_by_one(self, stream: UUID, events: Sequence[OrderEvent]) -> Row | None:
        row = None
        for number in range(len(events)):
            try:
                row = self.row_upto(stream, events[: number + 1])
            except POISON as fault:
                self._stop(stream, events[number:], fault)
                break
        return row

    def _apply(self, held: _Held[S], stored: StoredEvent, position: int | None) -> None:
        if held.version == 0:
            stream: UUID = stored.originator_id  # type: ignore[assignment]  # asked by its UUID
            held.state = self._sheet.begin(stream, stored, position)
        if held.state is not None:
            self._sheet.apply(held.state, stored)
        held.version = stored.originator_version

    def _stop(
        self, stream: UUID, events: Iterable[OrderEvent], fault: Exception | None = None
    ) -> None:
        stopped = self._stopped.setdefault(stream, Stopped([], fault))
        stopped.events += events


def _events(stream: UUID, places: Sequence[_Place]) -> list[OrderEvent]:
    return [OrderEvent(position, topic, stream, v) for position, topic, v in places]


def _placed(event: Notification) -> OrderEvent:
    stream: UUID = event.originator_id  # type: ignore[assignment]  # told apart before
    return OrderEvent(event.id, event.topic, stream, event.originator_version)
