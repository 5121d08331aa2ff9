"""One of a shift, or the sweep, in a process of their own until killed.

Everybody goes by one clock that runs `speed` times as fast from `start` on, so that leases run out and shifts
change while we watch. What they do is what `desk` and the sweep do, on a store of their own.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import sleep, time
from typing import Any

from eventsourcing.persistence import IntegrityError

from domain.desk.desk import AlertDesk
from domain.desk.handovers import Handover, HandoverPrepared
from domain.desk.hands import DeskRole, Hand
from domain.desk.shift_desk import ShiftDesk
from domain.desk.steps import Acknowledge, SendUnit, SetPriority
from domain.open_alerts import alerts_of, open_alerts
from domain.refusals import Refused
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.log_pages import pages, stream_of
from spowatch.open_store import Store
from spowatch.wiring.store import opened, sweep, throw_away


def clock(start: float, speed: float) -> Callable[[], datetime]:
    return lambda: datetime.fromtimestamp(start + (time() - start) * speed, UTC)


class Person:
    """Somebody who takes alerts, works on some, hands over, and goes when they may."""

    def __init__(self, store: Store, hand: Hand, rng: Random, now: Callable[[], datetime]) -> None:
        self._store, self._hand, self._rng, self._now = store, hand, rng, now
        self._desk, self._shift = AlertDesk(store.register), ShiftDesk(store.register)

    def do_something(self) -> None:
        act = self._rng.choice(
            (self._take, self._work, self._leave, self._take_over, self._sign, self._go)
        )
        with suppress(Refused, IntegrityError):
            act()

    def _any(self) -> Any:
        return self._rng.choice(list(open_alerts(self._store.register))).id

    def _take(self) -> None:
        self._desk.do(self._any(), self._hand, self._now(), Acknowledge())

    def _work(self) -> None:
        step = self._rng.choice(
            (SendUnit(unit="KA12", incident="1"), SetPriority(priority=1, reason="worse"))
        )
        self._desk.do(self._any(), self._hand, self._now(), step)

    def _leave(self) -> None:
        self._shift.prepare(self._hand, self._mine(), self._now())

    def _take_over(self) -> None:
        handover = self._unsigned()
        alert = self._rng.choice(handover.alerts)
        self._shift.accept(handover.id, alert, self._hand, self._now())

    def _sign(self) -> None:
        self._shift.sign(self._unsigned().id, self._hand, self._now())

    def _go(self) -> None:
        self._shift.sign_off(self._hand, self._mine(), self._now())

    def _mine(self) -> Any:
        return alerts_of(self._store.register, self._hand.staff, self._hand.force)

    def _unsigned(self) -> Handover:
        prepared = [stream_of(each) for each in pages(self._store, [HandoverPrepared.TOPIC])]
        some = [self._store.register.read(Handover(each)) for each in prepared[-5:]]
        left = [e for e in some if e.alerts and not e.signed and e.left_by != self._hand.staff]
        if not left:
            raise IntegrityError
        return self._rng.choice(left)


def at_work(folder: Path, who: str, seed: int, speed: float, start: float) -> None:
    """Until killed."""
    now = clock(start, speed)
    with opened(throw_away(folder)) as store:
        if who == "sweep":
            worker = sweep(store, SqliteDeadlineSheet(store.settings.sheets_path), now)
            while True:
                worker.read(0.01)
                worker.raise_due()
        hand = Hand(who, DeskRole.OPERATOR, "Kent", "T-1")
        person = Person(store, hand, Random(seed), now)
        while True:
            person.do_something()
            sleep(0.01)
