"""Sweeps: what time brings is recorded once, at its instant and not before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.findings import NotificationMissed
from domain.register import OrderRegister
from projections.deadline_sheet import DeadlineSheet
from scheduler.sweeps import Sweep
from spowatch.wiring import Store
from tests.stories import store_at, tell, unnotified_order

SERVED = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def misses(store: Store) -> list[NotificationMissed]:
    found = store.log.select_notifications(1, 1000, topics=[NotificationMissed.TOPIC])
    events = (store.mapper.to_domain_event(each).event for each in found)
    return [event for event in events if isinstance(event, NotificationMissed)]


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def sweep(store: Store, clock: Clock) -> Sweep:
    sheet = DeadlineSheet(store.settings.sheets_path)
    return Sweep(sheet, store.events, store.register, clock)


def run(worker: Sweep) -> None:
    while worker.work(0):
        pass


def test_a_missed_notification_is_recorded_at_the_instant_and_not_a_moment_before(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        clock = Clock(DEADLINE - timedelta(microseconds=1))
        worker = sweep(store, clock)
        run(worker)
        assert not misses(store)
        clock.at = DEADLINE
        run(worker)
        (miss,) = misses(store)
    assert miss.due_at == DEADLINE


def test_two_sweeps_record_a_miss_once(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        clock = Clock(DEADLINE + timedelta(hours=1))
        for worker in (sweep(store, clock), sweep(store, clock)):
            run(worker)
        assert len(misses(store)) == 1


def test_after_downtime_what_is_overdue_is_recorded_with_when_it_was_due(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        late = DEADLINE + timedelta(days=3)
        run(sweep(store, Clock(late)))
        notification = store.log.select_notifications(1, 1000, topics=[NotificationMissed.TOPIC])
        (recorded,) = map(store.mapper.to_domain_event, notification)
    assert recorded.envelope.occurred_at == DEADLINE
    assert recorded.envelope.entered_at == late


def test_a_deleted_sheet_comes_back_from_the_log(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        run(sweep(store, Clock(SERVED)))
        first = DeadlineSheet(store.settings.sheets_path).next_due()
        store.settings.sheets_path.unlink()
        run(sweep(store, Clock(SERVED)))
        assert DeadlineSheet(store.settings.sheets_path).next_due() == first


def test_an_order_told_the_time_for_nothing_is_not_told_again_at_once(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        worker = sweep(store, Clock(DEADLINE + timedelta(hours=1)))
        run(worker)
        assert worker.work(0) == 0
        assert isinstance(store.register, OrderRegister)
