"""Keeps a sheet up to the log: reads in order, folds, moves rows and bookmark together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from eventsourcing.persistence import Notification

from domain.batches import POISON
from domain.published import OrderEvent
from projections.folding import Folding, Past, Stopped
from projections.sheet import Column, Row, Sheet, Value
from projections.store import Bookmark, Moved, SheetStore

MOST = 10_000
LEAST = 100
WORK = 0.05
"""Seconds of work in a batch near the head, so that who waits for it does not wait for more."""

_ROOM = 2_000
"""Streams held from one batch to the next."""
_ROOM_FILLING = 50_000
_SWITCHES = 20

S = TypeVar("S")
Said = Callable[[OrderEvent, Exception], None]


class Superseded(Exception):
    """Another release keeps this sheet and has made it anew: end this process, or start it again."""


class LogReader(Protocol):
    """The log as stored."""

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        ...


class Pace:
    """How many events to ask for: few near the head, doubled as long as there are that many."""

    def __init__(self) -> None:
        self.size = 5 * LEAST

    def took(self, events: int, seconds: float) -> None:
        if events >= self.size:
            self.size = min(MOST, 2 * self.size)
        else:
            self.size = max(LEAST, min(MOST, int(events * WORK / max(seconds, 1e-6))))


class Runner(Generic[S]):
    """Any number may run on one sheet: of those that read the same events one writes them.

    The others are told that the bookmark has moved, and read on from where it is.
    """

    def __init__(
        self,
        sheet: Sheet[S],
        store: SheetStore,
        reader: LogReader,
        past: Past,
        said: Said,
        *,
        room: int = _ROOM_FILLING,
    ) -> None:
        """`said` puts before a person, once, that an event was parked; it may be told again.

        `room` is how many streams are held at once while a form is filled; one that goes on when it
        has been let go is read from the log again.
        """
        self._sheet = sheet
        self._store = store
        self._reader = reader
        self._past = past
        self._said = said
        self._room = room
        self._pace = Pace()
        self._folding: Folding[S] = Folding(sheet, past)
        self._mark: Bookmark | None = None
        self._parked: set[UUID] = set()
        self._settled = False

    @property
    def parked(self) -> frozenset[UUID]:
        """The streams that are left as they were before an event that could not be applied."""
        return frozenset(self._parked)

    def work(self, wait: float) -> int:
        """Read what is new, waiting for it at most `wait` seconds; how many events.

        Where people read another release's form, or none, ours is made first.
        """
        try:
            mark = self._mark or self._found()
            events = self._reader.read(mark.position, limit=self._pace.size, wait=wait)
            if events:
                self._advance(mark, events)
        except Moved:
            self._mark = None
            return 0
        return len(events)

    def catch_up(self, position: int) -> int:
        """Read until the sheet is at `position` of the log, or at its end; where it is."""
        while True:
            read = self.work(0)
            if self._mark is not None and (not read or self._mark.position >= position):
                return self._mark.position

    def rebuild(self) -> int | None:
        """Make the sheet anew beside the one people read, and switch.

        How many rows the two differed by; None when they could not be compared. Raises `Moved`
        when another rebuild that began later has taken over.
        """
        self._mark = None
        return self._switched(self._filled(self._store.begin()))

    def redrive(self, stream: UUID) -> bool:
        """Whether what was parked of a stream could be applied now; all of it, in order."""
        while True:
            try:
                mark = self._mark or self._found()
                return self._redriven(mark, stream)
            except Moved:
                self._mark = None

    def _redriven(self, mark: Bookmark, stream: UUID) -> bool:
        events = [each for each in self._store.parked(mark) if each.stream_id == stream]
        if not events:
            return True
        try:
            row = self._folding.row_upto(stream, events)
        except POISON as fault:
            self._said(events[0], fault)
            return False
        self._mark = self._store.redriven(mark, stream, row)
        self._parked.discard(stream)
        return True

    def _advance(self, mark: Bookmark, events: Sequence[Notification]) -> None:
        started = monotonic()
        self._folding.discard()
        self._folding.fold(events, self._parked)
        rows, stopped = self._folding.taken()
        self._say(stopped)
        parked = [event for each in stopped for event in each.events]
        self._mark = self._store.put(mark, events[-1].id, rows, parked)
        self._parked.update(event.stream_id for event in parked)
        self._folding.forget(_ROOM)
        self._pace.took(len(events), monotonic() - started)

    def _found(self) -> Bookmark:
        """Where the sheet is read to; a new runner first makes its form the one people read."""
        mark = self._store.bookmark()
        if mark is None and self._settled:
            raise Superseded(self._sheet.table.name)
        if mark is None or self._beyond_the_log(mark):
            mark = self._store.begin()
        if not mark.live and (mark.turn == 0 or not self._settled):
            self._switched(self._filled(mark))
            return self._found()
        self._settled = True
        self._parked = {event.stream_id for event in self._store.parked(mark)}
        self._mark = mark
        return mark

    def _beyond_the_log(self, mark: Bookmark) -> bool:
        """Whether the log was put back to an earlier state than the sheet has seen."""
        return mark.position > 0 and not self._reader.read(mark.position - 1, limit=1, wait=0)

    def _filled(self, mark: Bookmark) -> Bookmark:
        """The log folded up to where people read it, and put into an empty form at once."""
        if mark.position:
            return mark
        stop = self._store.live_position()
        folding: Folding[S] = Folding(self._sheet, self._past)
        filling = _Filling(self._sheet.table.columns)
        position = 0
        while events := self._read(position, stop):
            folding.fold(events, filling.stopped)
            position = events[-1].id
            if folding.held > self._room:
                filling.add(*folding.taken())
                folding.forget(0)
        filling.add(*folding.taken())
        self._say(filling.stopped.values())
        return self._store.put(mark, position, list(filling.rows.values()), filling.parked)

    def _read(self, position: int, stop: int | None) -> Sequence[Notification]:
        if position == stop:
            return []
        events = self._reader.read(position, limit=MOST, wait=0)
        return events if stop is None else [event for event in events if event.id <= stop]

    def _switched(self, mark: Bookmark) -> int | None:
        """People read it from now on, up to where they did, or the log's end if that is before."""
        for _ in range(_SWITCHES):
            live_at = self._store.live_position()
            mark = self._brought_to(mark, live_at or 0)
            try:
                return self._store.switch(mark, live_at)
            except Moved:
                again = self._store.bookmark()
                if again is not None and again.form == mark.form:
                    if again.live:
                        return None
                    mark = again
        raise Moved

    def _brought_to(self, mark: Bookmark, position: int) -> Bookmark:
        folding: Folding[S] = Folding(self._sheet, self._past)
        parked = {event.stream_id for event in self._store.parked(mark)}
        while mark.position < position and (events := self._read(mark.position, position)):
            folding.fold(events, parked)
            rows, stopped = folding.taken()
            self._say(stopped)
            aside = [event for each in stopped for event in each.events]
            mark = self._store.put(mark, events[-1].id, rows, aside)
            parked.update(event.stream_id for event in aside)
        return mark

    def _say(self, stopped: Iterable[Stopped]) -> None:
        """Before the bookmark moves: a death between the two says it again, to no effect."""
        for each in stopped:
            if each.fault is not None:
                self._said(min(each.events, key=_version), each.fault)


@dataclass(slots=True)
class _Filling:
    """What is known of a form before it is written."""

    columns: Sequence[Column]
    rows: dict[Value, Row] = field(default_factory=dict)
    stopped: dict[UUID, Stopped] = field(default_factory=dict)

    def add(self, rows: Sequence[Row], stopped: Sequence[Stopped]) -> None:
        for row in rows:
            before = self.rows.get(row[0])
            self.rows[row[0]] = row if before is None else self._onto(before, row)
        for each in stopped:
            stream = each.events[0].stream_id
            self.stopped.setdefault(stream, Stopped([], each.fault)).events.extend(each.events)

    def _onto(self, before: Row, row: Row) -> Row:
        """As a store puts a later row in the place of an earlier one."""
        values = zip(self.columns, before, row, strict=True)
        return tuple(new if old is None or not c.once else old for c, old, new in values)

    @property
    def parked(self) -> list[OrderEvent]:
        return [event for each in self.stopped.values() for event in each.events]


def _version(event: OrderEvent) -> int:
    return event.version
