"""What the role `measure` tells of a real store, by a clock we move."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry

from domain.desk.desk import AlertDesk
from domain.desk.hands import DeskRole, Hand
from domain.desk.steps import Acknowledge
from domain.line_tests import StageRecord, stage_stream
from domain.parked import park
from domain.published import OrderEvent
from spowatch.log_pages import alerts_raised
from spowatch.metrics.stages import Growth, StageMeters
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.wiring.measuring import measuring
from tests.stories import NOW, breach, served_order, store_at, tell, unnotified_order
from web.painting import Paint

HAND = Hand("4812", DeskRole.OPERATOR, "Kent", "K1")
Told = Callable[..., float | None]


class Scene:
    """A store under measurement, and the time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.desk = AlertDesk(store.register)

    @contextmanager
    def measured(self) -> Iterator[Callable[[], Told]]:
        with measuring(self.store, lambda: self.now) as worker:

            def told() -> Told:
                while worker.work(0):
                    pass
                return lambda name, **labels: self.store.meters.registry.get_sample_value(
                    name, labels
                )

            yield told

    def work(self, name: str) -> None:
        with role(name, self.store, lambda _: None, lambda: self.now) as work:
            while work(0):
                pass

    def later(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def alert(self) -> UUID:
        return next(alerts_raised(self.store))[1]


def test_a_breach_is_timed_from_accepted_to_acknowledged(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        scene = Scene(store)
        tell(store, "KENT-1", *served_order(), now=NOW)
        with scene.measured() as told:
            tell(store, "KENT-1", breach(), now=NOW)
            scene.later(1)
            scene.work("alert")
            assert told()("spo_accepted_to_alert_seconds_sum") == 1
            assert told()("spo_arrests_unhandled") == 1
            oldest = told()("spo_arrest_oldest_unhandled_timestamp_seconds")
            assert oldest == scene.now.timestamp()
            scene.desk.do(scene.alert(), HAND, scene.later(2), Paint())
            assert told()("spo_alert_to_painted_seconds_sum") == 2
            scene.desk.do(scene.alert(), HAND, scene.later(30), Acknowledge())
            assert told()("spo_painted_to_acknowledged_seconds_sum") == 30
            assert told()("spo_arrests_unhandled") == 0
            assert told()("spo_arrest_oldest_unhandled_timestamp_seconds") == 0
            assert told()("spo_alarms_per_operator") == 1
            assert told()("spo_operators_active") == 1
            scene.later(601)
            assert told()("spo_alarms_per_operator") == 0


def test_what_was_open_before_it_began_is_told_and_not_counted(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        scene = Scene(store)
        tell(store, "KENT-1", *served_order(), breach(), now=NOW)
        scene.work("alert")
        with scene.measured() as told:
            assert told()("spo_arrests_unhandled") == 1
            for priority in "1234":
                labels = {"class": "arrest", "priority": priority}
                assert told()("spo_alerts_raised_total", **labels) == 0


def test_a_deadline_is_late_by_the_time_the_sweep_took(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        scene = Scene(store)
        tell(
            store,
            "KENT-1",
            *unnotified_order(),
            now=datetime.fromisoformat("2026-11-22T12:00:00+00:00"),
        )
        with scene.measured() as told:
            scene.now = datetime.fromisoformat("2026-11-23T00:00:07+00:00")
            order = store.register.order("KENT-1")
            order.advance(scene.now, entered_at=scene.now)
            store.register.keep([order])
            assert told()("spo_deadline_lateness_seconds_sum", kind="duty") == 7


def test_parked_records_and_silent_stages_are_told_also_those_of_before(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        scene = Scene(store)
        tell(store, "KENT-1", *served_order(), breach(), now=NOW)
        event = OrderEvent(1, "spo.breach-reported.v1", store.register.order("KENT-1").id, 3)
        store.register.keep([park(store.register, "arrest-desk", event, ValueError(), NOW)])
        silent = StageRecord(stage_stream("sweep"))
        silent.missed("sweep", NOW, NOW)
        store.register.keep([silent])
        with scene.measured() as told:
            assert told()("spo_records_parked", reader="arrest-desk") == 1
            assert told()("spo_stage_silent", stage="sweep") == 1
            silent.passed("sweep", NOW)
            store.register.keep([silent])
            assert told()("spo_stage_silent", stage="sweep") == 0


def test_each_stage_tells_how_far_it_is_behind(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        scene = Scene(store)
        tell(store, "KENT-1", *served_order(), now=NOW)
        scene.work("alert")
        scene.work("project")
        read = store.log.max_notification_id() or 0
        tell(store, "KENT-1", breach(), now=NOW)
        scene.work("project")
        head = store.log.max_notification_id() or 0
        with scene.measured() as told:
            assert told()("spo_log_position") == head
            assert told()("spo_stage_lag_events", stage="arrest-desk") == head - read > 0
            assert told()("spo_stage_lag_events", stage="sheet:caseload") == 0
            assert told()("spo_stage_lag_events", stage="seal") == head


def test_a_stage_has_waited_since_the_log_grew_past_it() -> None:
    registry = CollectorRegistry()
    growth = Growth(StageMeters(registry))
    for position, at in ((10, 100.0), (12, 103.0), (20, 107.0)):
        growth.grew(position, at)
    growth.tell({"relay": 10, "sweep": 20, "gone": 3}, 110.0)
    growth.tell({"relay": 10, "sweep": 20}, 110.0)

    def told(name: str, stage: str) -> float | None:
        return registry.get_sample_value(name, {"stage": stage})

    assert told("spo_stage_lag_seconds", "relay") == 7
    assert told("spo_stage_lag_events", "relay") == 10
    assert told("spo_stage_lag_seconds", "sweep") == 0
    assert told("spo_stage_lag_seconds", "gone") is None
