"""The arrest board in memory: every open alert, kept up to the log by one loop, told on as it changes."""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from uuid import UUID

from domain.alerts import BREACHES, AlertRaised, AlertWithdrawn
from domain.batches import halved, read_all
from domain.desk.case import AlertCase
from domain.desk.events import DeskEvent
from domain.desk.reading import under_its_policies
from domain.desk.record import AlertOnRecord
from domain.events import EVENT_TYPES
from domain.published import EventReader, OrderEvent
from domain.register import OrderRegister
from web.board_rows import BoardRow, as_it_stands
from web.works import State, Works

BATCH = 1000
TOGETHER = 200
"""Alerts that are read by one query."""
MANY = 5
"""Open alerts on one person past which they are not counted any further: each count paints them all."""
_AGAIN = 2.0
"""Seconds between two tries to read what could not be read."""
_CONCERNS = frozenset(
    topic
    for topic, kind in EVENT_TYPES.items()
    if issubclass(kind, AlertRaised | AlertWithdrawn | DeskEvent)
)


@dataclass(frozen=True, slots=True)
class Change:
    """A row before and after; None where it did not stand on any board.

    Of changes told as one, `between` is how it stood in turn: a page made meanwhile shows one of these.
    `over` is how it stands on record where no board shows it: its own page still does.
    """

    position: int
    alert: UUID
    before: BoardRow | None
    after: BoardRow | None
    between: tuple[BoardRow | None, ...] = ()
    over: BoardRow | None = None

    @property
    def earlier(self) -> tuple[BoardRow | None, ...]:
        """How it may stand on a page that is told of this."""
        return (self.before, *self.between)


Told = Callable[[Sequence[Change], int], None]


class Board:
    """`work` is called by one thread; `rows` by any."""

    def __init__(
        self,
        reader: EventReader,
        register: OrderRegister,
        works: Works,
        told: Told,
        clock: Callable[[], datetime],
    ) -> None:
        """`told` hears every change, and each time how far the log has been read."""
        self._clock = clock
        self._reader = reader
        self._register = register
        self._works = works
        self._told = told
        self._lock = threading.Lock()
        self._rows: dict[UUID, BoardRow] = {}
        self._ending: set[UUID] = set()
        self._of_person: defaultdict[UUID, set[UUID]] = defaultdict(set)
        self._position = 0
        self._generation = 0
        self._looked_at = self._tried_at = monotonic()
        self.unreadable: set[UUID] = set()

    def rows(self) -> tuple[list[BoardRow], int]:
        """Every open alert in the order of the board, and the position of the log that is of."""
        with self._lock:
            rows, position = list(self._rows.values()), self._position
        return sorted(rows, key=lambda row: row.order), position

    @property
    def position(self) -> int:
        """How far the log has been read."""
        return self._position

    @property
    def generation(self) -> int:
        """Another one after every change of a row, be it that nothing new came on the log."""
        return self._generation

    def silent_for(self) -> float:
        """Seconds since the log was last looked at."""
        return monotonic() - self._looked_at

    def shows(self, case: AlertOnRecord) -> bool:
        """Whether the alert stands here as it is in `case`, or as it was later."""
        row = self._rows.get(case.id)
        return not case.open if row is None else row.version >= case.version

    def is_presented(self, alert: UUID) -> bool:
        """Whether it stands here as one that was painted already."""
        row = self._rows.get(alert)
        return row is not None and row.presented

    def state(self) -> State:
        """What keeps alerts from this board."""
        return self._works.state(len(self.unreadable), self._clock())

    def begin(self, alerts: Collection[UUID], position: int, works: Iterable[OrderEvent]) -> None:
        """Begin at that position of the log, before which only those alerts are open.

        `works` is what was said of the works up to there.
        """
        self._works.hear(works)
        self._taken(dict.fromkeys(alerts, position), position)

    def fill(self) -> None:
        """Read everything there is; nobody listens yet."""
        while self.work(0):
            pass

    def work(self, wait: float) -> int:
        """Read what is new, waiting for it at most `wait` seconds; how many events."""
        events = self._reader.read(self._position, limit=BATCH, wait=wait)
        self._works.hear(events)
        touched = {each.stream_id: each.position for each in events if each.topic in _CONCERNS}
        position = events[-1].position if events else self._position
        again = self._tried_again(position) | self._over_by_now(position)
        changed = self._taken(again | touched, position)
        self._told(changed, position)
        return len(events)

    def _tried_again(self, position: int) -> dict[UUID, int]:
        """What could not be read, every few seconds: a person may have mended it."""
        if not self.unreadable or monotonic() - self._tried_at < _AGAIN:
            return {}
        self._tried_at = monotonic()
        return dict.fromkeys(self.unreadable, position)

    def _over_by_now(self, position: int) -> dict[UUID, int]:
        """Holds and leases that ended by the clock: nothing on the log says so until a sweep comes by."""
        now, ending = self._clock(), [self._rows[each] for each in self._ending]
        over = (row.id for row in ending if row.ends is not None and row.ends <= now)
        return dict.fromkeys(over, position)

    def _taken(self, touched: Mapping[UUID, int], position: int) -> list[Change]:
        """What came of these alerts, each touched at that position, with the log read up to `position`."""
        changes = self._changes(touched)
        with self._lock:
            before = {change.alert: change.before for change in changes}
            for change in changes:
                self._put(change.alert, change.after)
            self._position = position
            changed = self._counted(changes, before)
            self._generation += bool(changed)
            self._looked_at = monotonic()
        return changed

    def _counted(
        self, changes: Sequence[Change], before: dict[UUID, BoardRow | None]
    ) -> list[Change]:
        """The changes, and those they make to the other rows of the same people."""
        at = {change.alert: change.position for change in changes}
        touched = [row for each in changes for row in (each.before, each.after) if row is not None]
        for person in {row.subject_id for row in touched if row.subject_id is not None}:
            open_now = self._of_person[person]
            for alert in open_now:
                row = self._rows[alert]
                counted = min(len(open_now), MANY)
                if row.same_person != counted:
                    before.setdefault(alert, row)
                    at.setdefault(alert, max(at.values()))
                    self._rows[alert] = replace(row, same_person=counted)
        over = {change.alert: change.over for change in changes}
        told = [
            Change(at[each], each, before[each], self._rows.get(each), over=over.get(each))
            for each in at
        ]
        return sorted(told, key=lambda change: change.position)

    def _changes(self, touched: Mapping[UUID, int]) -> list[Change]:
        """What they are now; where they cannot be read, what was there stays."""
        unread: set[UUID] = set()
        over: dict[UUID, BoardRow | None] = {}

        def read(some: Sequence[UUID]) -> dict[UUID, BoardRow | None]:
            cases = read_all(self._register, AlertCase, some)
            stand = {each: self._row(cases[each], touched[each]) for each in some}
            over.update((each, row) for each, row in stand.items() if not cases[each].open)
            return stand | dict.fromkeys(over.keys() & stand.keys())

        # A record that cannot be read is parked by the reader that delivers it; here it must not
        # take the board away.
        rows: dict[UUID, BoardRow | None] = {}
        alerts = list(touched)
        for start in range(0, len(alerts), TOGETHER):
            some = alerts[start : start + TOGETHER]
            rows |= halved(some, read, lambda alert, _: unread.add(alert))
        self.unreadable = (self.unreadable - touched.keys()) | unread
        return [
            Change(position, alert, before, rows.get(alert, before), over=over.get(alert))
            for alert, position in touched.items()
            for before in (self._rows.get(alert),)
        ]

    def _row(self, case: AlertCase, position: int) -> BoardRow | None:
        return as_it_stands(under_its_policies(case, self._register), position, self._clock())

    def _put(self, alert: UUID, row: BoardRow | None) -> None:
        before = self._rows.pop(alert, None)
        if before is not None and before.subject_id is not None:
            self._of_person[before.subject_id].discard(alert)
        self._ending.discard(alert)
        if row is not None:
            if row.ends is not None:
                self._ending.add(alert)
            self._rows[alert] = row
            if row.subject_id is not None:
                self._of_person[row.subject_id].add(alert)

    def broken(self) -> frozenset[UUID]:
        """The orders with an open alert of a breach."""
        with self._lock:
            raised = [row.raised for row in self._rows.values()]
        return frozenset(each.order_id for each in raised if each.code in BREACHES)

    def about(self, person: UUID | None) -> list[BoardRow]:
        """The open alerts about that person, in the order of the board."""
        with self._lock:
            alerts = self._of_person.get(person, set()) if person is not None else set()
            rows = [self._rows[each] for each in alerts]
        return sorted(rows, key=lambda row: row.order)
