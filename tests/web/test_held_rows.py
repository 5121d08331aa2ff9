"""Holds and leases on the board go by the clock: what is past is not shown, be it that no sweep came by."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from domain.access import Role
from domain.desk.case import AlertCase
from domain.desk.desk import AlertDesk
from domain.desk.hands import DeskRole, Hand
from domain.desk.steps import Acknowledge
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import Decision, SuppressionKind, Wish
from domain.forces import ELIGIBLE
from domain.open_alerts import open_alerts
from spowatch.open_store import Store
from spowatch.running.register import role
from tests.stories import NOW, breach, served_order, store_at, tell
from web.access import Person
from web.board import Board, Change
from web.board_pages import _whole, wholes
from web.step_forms import forms
from web.views import Tallies, View
from web.works import Works

PERSON = Person("4812", Role.OPERATOR, "Kent", "desk-1")
SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")
HOUR = timedelta(hours=1)
KENTS = View("Kent", "arrest", "Kent")


class Wall:
    """A board on a store whose clock is moved by hand, and what it told."""

    def __init__(self, store: Store) -> None:
        self.now = NOW + HOUR / 2
        self.told: list[Change] = []
        works = Works(store.register, monotonic, within=60)
        self.board = Board(
            store.events, store.register, works, lambda news, _: self.told.extend(news), self._now
        )
        self.board.fill()

    def _now(self) -> datetime:
        return self.now

    @property
    def held(self) -> list[bool]:
        self.board.work(0)
        return [row.held_until is not None for row in self.board.rows()[0]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order())
        yield store


def held(store: Store) -> Decision:
    """A decision for an hour from `NOW`, and an alert it holds."""
    wish = Wish(SuppressionKind.MAINTENANCE, ["P-CONTACT-DIRECT"], "tag being replaced", HOUR)
    decision = SuppressionDesk(store.register).decide(wish, SUPERVISOR, NOW)
    broken(store)
    return decision


def broken(store: Store) -> None:
    tell(store, "KENT-1", breach())
    with role("alert", store, lambda _: None, lambda: NOW + HOUR / 60) as work:
        while work(0):
            pass


def test_a_hold_is_off_the_board_when_its_hour_is_over(store: Store) -> None:
    held(store)
    wall = Wall(store)
    assert wall.held == [True]
    wall.told.clear()
    wall.now = NOW + HOUR
    assert wall.held == [False]
    (change,) = wall.told
    assert change.after is not None
    assert change.after.waits
    wall.told.clear()
    assert wall.held == [False]
    assert not wall.told


def test_a_hold_that_was_ended_is_off_the_board_at_once(store: Store) -> None:
    decision = held(store)
    wall = Wall(store)
    assert wall.held == [True]
    desk = SuppressionDesk(store.register)
    desk.end(decision.id, SUPERVISOR, open_alerts(store.register), wall.now)
    assert wall.held == [False]


def test_a_lease_that_ran_out_is_nobodys_though_no_sweep_came_by(store: Store) -> None:
    broken(store)
    wall = Wall(store)
    (row,), _ = wall.board.rows()
    taken = AlertDesk(store.register).do(row.id, PERSON.hand, wall.now, Acknowledge())
    wall.board.work(0)
    (row,), _ = wall.board.rows()
    assert (row.owner, row.waits) == (PERSON.staff, False)
    assert taken.ownership.lease_until is not None
    wall.told.clear()
    wall.now = taken.ownership.lease_until
    wall.board.work(0)
    (change,) = wall.told
    assert change.after is not None
    assert (change.after.owner, change.after.waits, change.after.lease_until) == (None, True, None)
    case = store.register.read(AlertCase(row.id))
    assert [form.title for form in forms(case, PERSON, wall.now) if form.main] == ["Take the alert"]


def test_what_is_counted_and_told_at_once_is_of_now_though_nothing_came_on_the_log(
    store: Store,
) -> None:
    held(store)
    wall = Wall(store)
    tallies = Tallies(wall.board)
    assert (tallies.of(KENTS)["waiting"], tallies.of(KENTS)["in-hand"]) == (0, 1)
    whole = wholes(wall.board, wall.board.generation)(KENTS)
    assert wholes(wall.board, wall.board.generation)(KENTS) is whole
    wall.now = NOW + HOUR
    assert wall.held == [False]
    assert (tallies.of(KENTS)["waiting"], tallies.of(KENTS)["in-hand"]) == (1, 0)
    assert wholes(wall.board, wall.board.generation)(KENTS) != whole


def test_boards_of_every_force_are_each_written_once(store: Store) -> None:
    wall = Wall(store)
    views = [View(force, "arrest", force, spoken) for force in ELIGIBLE for spoken in ("en", "cy")]
    first, again = ([_whole(wall.board, view) for view in views] for _ in "12")
    assert len(views) > 32
    assert all(one is other for one, other in zip(first, again, strict=True))
