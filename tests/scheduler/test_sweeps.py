"""Sweeps: what time brings is recorded once, at its instant and not before."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from domain.batches import tell_time
from domain.deadlines import Agenda, Deadline, DeadlineKind, Due
from domain.dossier import order_id
from domain.findings import NotificationMissed
from domain.lateness import SweptLate
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from scheduler.sweeps import Sweep
from spowatch.open_store import Store
from spowatch.wiring.store import audit_sheet
from spowatch.wiring.store import sweep as sweep_of
from tests.program import PATIENCE
from tests.projections.sheet_claims import once_free
from tests.stories import breach, fact, store_at, tell, unnotified_order

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
    return sweep_of(store, SqliteDeadlineSheet(store.settings.sheets_path), clock)


def run(worker: Sweep) -> int:
    """Read what there is to read and raise what there is to raise; how many orders were told."""
    told = 0
    while worker.read(0):
        pass
    while found := worker.raise_due():
        told += found
        while worker.read(0):
            pass
    return told


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
        first = SqliteDeadlineSheet(store.settings.sheets_path).next_due()
        store.settings.sheets_path.unlink()
        run(sweep(store, Clock(SERVED)))
        assert SqliteDeadlineSheet(store.settings.sheets_path).next_due() == first


def test_an_order_told_the_time_for_nothing_is_not_told_again_at_once(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        worker = sweep(store, Clock(DEADLINE + timedelta(hours=1)))
        run(worker)
        assert run(worker) == 0


def test_an_order_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    aside: list[UUID] = []
    with store_at(tmp_path) as store:
        for number in range(5):
            tell(store, f"KENT-{number}", *unnotified_order(), now=SERVED)
        worker = Sweep(
            SqliteDeadlineSheet(store.settings.sheets_path),
            store.events,
            store.register,
            Clock(DEADLINE),
            lambda order, _: aside.append(order),
        )
        bad = order_id("KENT-2")
        spoil(store, bad)
        run(worker)
        assert len(misses(store)) == 4
    assert set(aside) == {bad}


def test_deadlines_swept_late_are_on_record_with_how_late_and_why(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        run(sweep(store, Clock(SERVED)))
        run(sweep(store, Clock(DEADLINE + timedelta(hours=2))))
        found = store.log.select_notifications(1, 1000, topics=[SweptLate.TOPIC])
        (late,) = (store.mapper.to_domain_event(each).event for each in found)
    assert isinstance(late, SweptLate)
    assert (late.orders, late.late_by_seconds) == (1, 7200.0)
    assert (late.why, late.silent_since) == ("no_sweep_was_running", SERVED)


def test_of_orders_due_together_those_broken_before_are_told_first(tmp_path: Path) -> None:
    breached = breach("2026-11-20T17:00:00+00:00", t="2026-11-20T17:10:00+00:00")
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=DEADLINE)
        tell(store, "KENT-2", *unnotified_order(), breached, now=DEADLINE)
        worker = sweep(store, Clock(DEADLINE))
        while worker.read(0):
            pass
        first = worker.sheet.claim(DEADLINE, limit=10)
        worker._tell(first)
        due = [*first, *worker.sheet.claim(DEADLINE, limit=10)]
    assert [each.order_id for each in due] == [order_id("KENT-2"), order_id("KENT-1")]


class AskedFor(SqliteDeadlineSheet):
    """Remembers how many orders were claimed at most, each time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.limits: list[int] = []

    def claim(self, now: datetime, *, limit: int) -> list[Due]:
        self.limits.append(limit)
        return super().claim(now, limit=limit)


def test_of_many_due_together_no_more_are_told_in_one_go_than_were_told_before(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store:
        sheet = AskedFor(store.settings.sheets_path)
        orders = [UUID(int=number) for number in range(600)]
        rows = [Deadline(DeadlineKind.ORDER_END, "full", DEADLINE, "SPA 2019 s.3")]
        sheet.put({each: Agenda(0, 1, rows) for each in orders}, 0)
        assert sweep_of(store, sheet, Clock(DEADLINE)).raise_due() == 600
        sheet.close()
    assert sheet.limits == [50, 50, 100, 200, 250]


def test_a_service_date_corrected_later_moves_the_deadline(tmp_path: Path) -> None:
    corrected = fact(
        "ServiceCorrected",
        "2026-11-22T08:00:00+00:00",
        served_at="2026-11-21T10:15:00+00:00",
        evidence="body-worn video",
    )
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        tell(store, "KENT-1", corrected, now=DEADLINE - timedelta(hours=12))
        clock = Clock(DEADLINE)
        worker = sweep(store, clock)
        run(worker)
        assert not misses(store)
        clock.at = DEADLINE + timedelta(days=1)
        run(worker)
        assert [miss.due_at for miss in misses(store)] == [clock.at]


def spoil(store: Store, stream: UUID) -> None:
    """Damage one stored event of that stream, as a failing disk would."""
    with closing(sqlite3.connect(store.settings.log_path)) as log, log:
        log.execute(
            "UPDATE events SET state = x'00' WHERE originator_id = ? AND originator_version = 2",
            (stream.bytes,),
        )


def test_what_was_read_ahead_is_told_without_being_read_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        for number in range(3):
            tell(store, f"KENT-{number}", *unnotified_order(), now=SERVED)
        clock = Clock(DEADLINE - timedelta(seconds=2))
        worker = sweep(store, clock)
        run(worker)
        assert not worker.read_ahead()
        store.register.mapper.to_domain_event = _never  # type: ignore[method-assign,assignment]  # it must not be asked
        clock.at = DEADLINE
        assert worker.raise_due() == 3
        del store.register.mapper.to_domain_event
        assert len(misses(store)) == 3


def test_what_was_read_ahead_is_judged_ahead_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        clock = Clock(DEADLINE - timedelta(seconds=2))
        worker = sweep(store, clock)
        run(worker)
        worker.read_ahead()
        assert not misses(store)
        clock.at = DEADLINE
        with monkeypatch.context() as judging:
            judging.setattr("domain.orders.position_of", _never)
            worker.raise_due()
        assert [miss.due_at for miss in misses(store)] == [DEADLINE]


def test_what_is_due_goes_before_what_is_to_come(tmp_path: Path) -> None:
    """News of the log waits while orders are told, and is taken in when they were."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        worker = sweep(store, Clock(DEADLINE))
        while worker.read(0):
            pass
        tell(store, "KENT-2", *unnotified_order(), now=SERVED)
        read: list[int] = []
        reading = threading.Thread(target=lambda: read.append(worker.read(PATIENCE)))

        def interrupted(_: UUID, __: Exception) -> None:
            reading.start()
            reading.join(0.05)
            read.append(-1)

        worker._set_aside = interrupted
        spoil(store, order_id("KENT-1"))
        worker.raise_due()
        reading.join()
        assert read[0] == -1
        assert read[1] > 0


def _never(*_: object) -> object:
    msg = "read or judged again"
    raise AssertionError(msg)


def test_what_was_written_after_it_was_read_ahead_is_not_overlooked(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        clock = Clock(DEADLINE - timedelta(seconds=2))
        worker = sweep(store, clock)
        run(worker)
        worker.read_ahead()
        in_time = fact(
            "NotificationReceived",
            "2026-11-22T23:59:59+00:00",
            by="defendant",
            method="in_person_oral",
            station_area="home_address_area",
            names=["Alan Example"],
            home_address="1 High Street, Chatham",
        )
        tell(store, "KENT-1", in_time, now=DEADLINE)
        clock.at = DEADLINE
        run(worker)
        assert not misses(store)


def test_nothing_is_read_ahead_while_nothing_comes(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        worker = sweep(store, Clock(DEADLINE - timedelta(hours=1)))
        run(worker)
        assert not worker.read_ahead()
        assert not worker._ahead._ready


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_row_that_stands_at_the_wrong_hour_raises_nothing_early(
    tmp_path: Path, hours: int
) -> None:
    """As after a change of the clock rules: the order decides, and its row is put right."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        clock = Clock(SERVED)
        worker = sweep(store, clock)
        run(worker)
        moved(store, hours)
        clock.at = DEADLINE - timedelta(seconds=10)
        run(worker)
        assert not misses(store)
        audit_sheet(store, worker.sheet, clock)
        clock.at = DEADLINE
        run(worker)
        assert [miss.due_at for miss in misses(store)] == [DEADLINE]


def moved(store: Store, hours: int) -> None:
    with closing(sqlite3.connect(store.settings.sheets_path)) as rows, rows:
        rows.execute(
            "UPDATE deadline SET due_at = due_at + ? WHERE kind = 'initial_notification'",
            (hours * 3_600_000_000,),
        )


def test_an_order_whose_winner_died_keeps_its_row(tmp_path: Path) -> None:
    """Another sweep was first to record the miss, and was killed before it set the next rows."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unnotified_order(), now=SERVED)
        clock = Clock(DEADLINE - timedelta(seconds=2))
        worker = sweep(store, clock)
        run(worker)
        worker.read_ahead()
        due = worker.sheet.claim(DEADLINE, limit=10)
        tell_time(store.register, due, DEADLINE)
        clock.at = DEADLINE
        worker._tell(due)
        assert len(misses(store)) == 1
        assert worker.sheet.next_due() == DEADLINE
        worker._tell(once_free(worker.sheet, DEADLINE))
        soonest = worker.sheet.next_due()
        assert soonest is not None
        assert soonest > DEADLINE
