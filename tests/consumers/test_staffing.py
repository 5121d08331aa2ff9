"""A gap in the rota is on record once, ahead of its time, and again only when it is another."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from consumers.notices import notice_message
from consumers.staffing import Staffing
from domain.desk.policy_book import PolicyBook
from domain.desk.staffing import DutyCovered, DutyUncovered, PolicyRefused, PolicyTaken
from spowatch.open_store import Store
from tests.domain.desk.policies_told import book, kent
from tests.stories import store_at

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Told:
    """A policy that a test changes, and its clock."""

    def __init__(self) -> None:
        self.book = covered()
        self.refused: tuple[str, ...] = ()
        self.now = NOON
        self.fails: set[str] = set()
        self._passed = 0.0

    def current(self) -> PolicyBook:
        return self.book

    def looked(self, store: Store, set_up: tuple[str, ...] = ("mail", "text")) -> list[str]:
        """Look once; what is new on record, in words."""
        before = store.log.max_notification_id() or 0
        works = Staffing(
            self,
            store.register,
            lambda: self.now,
            lambda: 0.0,
            set_up,
            lambda way: way.channel not in self.fails,
        )
        works.work(0)
        events = store.events.read(before, limit=100, wait=0)
        kinds = [each.topic for each in events]
        said = [notice_message(each, store.register, lambda _: True) for each in events]
        assert set(kinds) <= _TOPICS
        return [each["instruction"] for each in said if each is not None]


_TOPICS = {each.TOPIC for each in (DutyUncovered, DutyCovered, PolicyTaken, PolicyRefused)}
FILLED = ["operator", "supervisor", "duty_officer"]


def covered(**changed: Any) -> PolicyBook:
    return book(kent(must_be_filled=FILLED, **changed))


def without_operators(begin: str, end: str) -> PolicyBook:
    """Nobody has the role operator from `end` to `begin`."""
    shifts = [
        each | ({"begin": begin, "end": end} if each["role"] == "operator" else {})
        for each in kent()["shifts"]
    ]
    return covered(shifts=shifts)


def test_a_gap_is_said_once_before_it_begins_and_when_it_is_filled(tmp_path: Path) -> None:
    told = Told()
    with store_at(tmp_path) as store:
        assert told.looked(store) == []
        told.book = without_operators("06:00", "20:00")
        (said,) = told.looked(store)
        assert "Kent, operator: Nobody has it, from Mon 23 Nov 20:00 GMT" in said
        for hours in (4, 7, 9):
            told.now = NOON + timedelta(hours=hours)
            assert told.looked(store) == []
        told.book = covered()
        assert told.looked(store) == ["Kent, operator: somebody has it who can be reached."]
        assert told.looked(store) == []


def test_the_gap_of_the_next_night_is_another_one(tmp_path: Path) -> None:
    told = Told()
    told.book = without_operators("06:00", "20:00")
    with store_at(tmp_path) as store:
        assert len(told.looked(store)) == 1
        told.now = NOON + timedelta(days=1)
        (again,) = told.looked(store)
        assert "from Tue 24 Nov 20:00 GMT" in again


def test_a_role_that_nobody_can_be_told_in_is_a_gap_too(tmp_path: Path) -> None:
    told = Told()
    told.fails = {"mail"}
    with store_at(tmp_path) as store:
        said = told.looked(store)
        assert len(said) == len(FILLED)
        assert "K1 cannot be reached" in "".join(said)
        told.fails = set()
        assert len(told.looked(store)) == len(FILLED)


def test_a_channel_there_are_no_settings_for_is_said_once_for_all(tmp_path: Path) -> None:
    told = Told()
    with store_at(tmp_path) as store:
        (said,) = told.looked(store, set_up=("console",))
        assert "reaches people by mail, which is not set up" in said
        assert told.looked(store, set_up=("console",)) == []


def test_a_change_that_is_not_taken_is_said_with_its_reason(tmp_path: Path) -> None:
    told = Told()
    with store_at(tmp_path) as store:
        told.looked(store)
        told.refused = ("Kent: step 2 of immediate tells the spoc, and nobody ever has that role",)
        (said,) = told.looked(store)
        assert "step 2 of immediate" in said
        assert "Version 1 goes on" in said
        assert told.looked(store) == []


def test_two_of_them_say_a_gap_once(tmp_path: Path) -> None:
    told = Told()
    told.book = without_operators("06:00", "20:00")
    with store_at(tmp_path) as store:
        assert len(told.looked(store)) + len(told.looked(store)) == 1
