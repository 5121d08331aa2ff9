"""The tester and the console's own watch, on a clock that a test moves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from eventsourcing.persistence import Tracking

from consumers.line_receipts import receive
from consumers.line_tester import LineTester, Pace, Round
from consumers.line_watch import LineWatch
from domain.line_tests import LineTest, StageRecord, stage_stream
from spowatch.open_store import Store
from tests.stories import store_at

START = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
PACE = Pace(every=60, answer_within=15)
STAGES = ("arrest-desk", "console:one", "reconciler", "sweep")


class Road:
    """A store, a clock, and stages that pass a test on when a test says so."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.passed = 0.0
        self.swept = 0
        self.rounds: list[Round] = []
        self.tester = self.another()

    def another(self) -> LineTester:
        return LineTester(
            self.store.register,
            lambda: START + timedelta(seconds=self.passed),
            lambda: self.passed,
            {"sweep": lambda: self.swept},
            self.rounds.append,
            PACE,
        )

    def until(self, seconds: float) -> None:
        self.passed = seconds
        for _ in range(2):
            self.tester.work(0)

    def pass_on(self, *but: str) -> None:
        """Every stage but those passes on what there is."""
        head = self.store.log.max_notification_id() or 0
        if "arrest-desk" not in but:
            receive(self.store.log, "arrest-desk", head)
        for name in {"reconciler", "console:one"} - set(but):
            self.store.log.insert_tracking(Tracking(name, head))
        self.swept = head if "sweep" not in but else self.swept


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    with store_at(tmp_path) as store:
        yield Road(store)


def test_a_test_is_begun_each_minute_and_judged_when_its_time_is_up(road: Road) -> None:
    road.until(20)
    road.pass_on()
    road.until(34.9)
    assert road.rounds == []
    road.until(35)
    (first,) = road.rounds
    assert (first.stages, first.silent) == (STAGES, ())
    road.until(80)
    road.pass_on()
    road.until(95)
    assert len(road.rounds) == 2
    assert road.store.log.max_notification_id() == 2  # nothing to say of stages that are well


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_is_named_by_itself_and_heard_again(road: Road, stage: str) -> None:
    road.until(20)
    road.pass_on()
    road.until(35)
    road.until(80)
    road.pass_on(stage)
    road.until(95)
    assert list(road.rounds[-1].silent) == [stage]
    assert road.store.register.read(StageRecord(stage_stream(stage))).silent
    road.until(140)
    road.pass_on()
    road.until(155)
    assert not road.rounds[-1].silent
    assert not road.store.register.read(StageRecord(stage_stream(stage))).silent


def test_what_must_be_there_and_never_ran_is_silent(road: Road) -> None:
    road.until(20)
    road.until(35)
    assert road.rounds[0].silent == ("arrest-desk", "console", "reconciler", "sweep")


def test_a_retired_stage_is_not_missed_until_it_passes_a_test_again(road: Road) -> None:
    road.until(20)
    road.pass_on()
    road.until(35)
    record = road.store.register.read(StageRecord(stage_stream("console:one")))
    record.retire("console:one", "K1", "the room was closed", START)
    road.store.register.keep([record])
    road.until(80)
    road.pass_on("console:one")
    road.until(95)
    assert not road.rounds[-1].silent
    assert "console:one" not in road.rounds[-1].stages
    road.until(140)
    road.pass_on()
    road.until(155)
    assert "console:one" in road.rounds[-1].stages


def test_two_testers_begin_one_test_and_both_look(road: Road) -> None:
    second = road.another()
    road.until(20)
    second.work(0)
    road.pass_on()
    road.until(35)
    second.work(0)
    assert road.store.log.max_notification_id() == 1
    assert [each.position for each in road.rounds] == [1, 1]


def test_the_desk_and_the_second_road_raise_a_test_once(road: Road) -> None:
    road.until(20)
    (begun,) = road.store.events.read(0, limit=10, wait=0)
    for by in ("arrest-desk", "reconciler"):
        test = road.store.register.read(LineTest(begun.stream_id))
        test.raise_(by, START)
        road.store.register.keep([test])
    raised = road.store.register.read(LineTest(begun.stream_id)).raised
    assert raised is not None
    assert raised.by == "arrest-desk"
    assert road.store.log.max_notification_id() == 2


class Clock:
    passed = 0.0

    def __call__(self) -> float:
        return self.passed


def watch(folder: Path, clock: Clock) -> LineWatch:
    return LineWatch(folder / "line-test.json", clock, lambda: START, within=75)


def raised(store: Store) -> LineTest:
    test = LineTest(stage_stream("a test"))
    test.begin(START)
    test.raise_("arrest-desk", START)
    return test


def test_a_console_says_by_itself_that_no_test_comes_and_that_they_come_again(
    tmp_path: Path, road: Road
) -> None:
    clock = Clock()
    line = watch(tmp_path, clock)
    clock.passed = 1000
    assert line.news() is None  # from the first test on
    assert line.heard(raised(road.store)) is not None
    clock.passed = 1080
    assert line.news() is None
    clock.passed = 1081
    silent = line.news()
    assert silent is not None
    assert (silent["code"], silent["priority"]) == ("LINE_SILENT", 1)
    assert line.news() is None
    line.heard(raised(road.store))
    heard = line.news()
    assert heard is not None
    assert heard["code"] == "LINE_HEARD"


def test_a_console_started_again_still_expects_tests(tmp_path: Path, road: Road) -> None:
    clock = Clock()
    watch(tmp_path, clock).heard(raised(road.store))
    again = watch(tmp_path, clock)
    clock.passed = 81
    assert again.news() is not None
