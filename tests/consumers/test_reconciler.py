"""The reconciler: whatever the desk does not raise is raised, once, by another road."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from eventsourcing.persistence import Tracking

from consumers.reconciler import GRACE, Reconciler
from domain.alerts import AlertRaised, AlertWithdrawn
from domain.dossier import order_id
from domain.parked import EventParked
from domain.published import OrderEvent
from spowatch.open_store import Store
from spowatch.store.plain_reader import PlainReader
from spowatch.wiring.store import now
from tests.scheduler.test_sweeps import spoil
from tests.stories import breach, fact, served_order, store_at, tell, work_until_idle


class Reconciling:
    """A reconciler on a monotonic clock that we move."""

    def __init__(self, store: Store, reader: PlainReader, at: Callable[[], datetime]) -> None:
        self.clock = 1000.0
        self.owed: list[UUID] = []
        self._worker = Reconciler(reader, store.register, at, lambda: self.clock, self._noticed)

    def _noticed(self, _: OrderEvent, alert: UUID) -> None:
        self.owed.append(alert)

    def after(self, seconds: float) -> None:
        """Let it look, then let so many seconds pass, and let it look again."""
        self._worker.work(0)
        self.clock += seconds
        while self._worker.work(0):
            pass


@contextmanager
def reconciling(store: Store, at: Callable[[], datetime] = now) -> Iterator[Reconciling]:
    reader = PlainReader(store.settings.log_path)
    yield Reconciling(store, reader, at)
    reader.close()


def codes(store: Store) -> list[str]:
    found = store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])
    events = (store.mapper.to_domain_event(each).event for each in found)
    return [event.code for event in events if isinstance(event, AlertRaised)]


def test_a_breach_that_no_desk_raises_is_raised_after_the_grace_and_not_before(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        tell(store, "KENT-1", *served_order(), breach())
        reconciler.after(GRACE - 0.01)
        assert codes(store) == []
        reconciler.after(0.02)
        assert codes(store) == ["BREACH_ARREST"]
        assert len(reconciler.owed) == 1


def test_what_the_desk_raised_is_left_alone(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        reconciler.after(GRACE * 2)
        assert codes(store) == ["BREACH_ARREST"]
        assert reconciler.owed == []


def test_a_desk_that_passes_over_a_finding_is_found_out(tmp_path: Path) -> None:
    """Its bookmark says that it has been there; the alert is missing all the same."""
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        tell(store, "KENT-1", *served_order(), breach())
        skip_to(store, store.log.max_notification_id() or 0)
        reconciler.after(GRACE)
        assert codes(store) == ["BREACH_ARREST"]


def test_what_was_there_before_it_and_the_desk_has_passed_waits_for_no_grace(
    tmp_path: Path,
) -> None:
    """A store of years is caught up with in a second, not in hours."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        skip_to(store, store.log.max_notification_id() or 0)
        with reconciling(store) as reconciler:
            reconciler.after(0)
        assert codes(store) == ["BREACH_ARREST"]


def skip_to(store: Store, position: int) -> None:
    store.log.insert_tracking(Tracking("arrest-desk", position))


def test_a_desk_that_comes_back_raises_nothing_twice(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        tell(store, "KENT-1", *served_order(), breach())
        reconciler.after(GRACE)
        said = work_until_idle(store, "alert", "deliver")
        assert codes(store) == ["BREACH_ARREST"]
    assert len(said) == 1


def test_a_withdrawal_the_desk_does_not_get_to_is_made_too(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        tell(store, "KENT-1", *served_order(), breach(incident="INC-1"))
        work_until_idle(store, "alert")
        tell(
            store,
            "KENT-1",
            fact("BreachRetracted", "2026-12-05T22:00:00+00:00", incident="INC-1"),
        )
        reconciler.after(GRACE)
        assert len(store.log.select_notifications(1, 1000, topics=[AlertWithdrawn.TOPIC])) == 1


def test_a_busy_desk_is_left_to_it(tmp_path: Path) -> None:
    """It has not been there yet, but it is on its way."""
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        tell(store, "KENT-1", *served_order(), breach())
        reconciler.after(GRACE - 0.01)
        skip_to(store, 1)
        reconciler.after(0.02)
        assert codes(store) == []
        reconciler.after(GRACE)
        assert codes(store) == ["BREACH_ARREST"]


@pytest.mark.parametrize("desk_first", [True, False])
def test_what_nobody_can_read_is_put_before_a_person_once(
    tmp_path: Path, *, desk_first: bool
) -> None:
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        tell(store, "KENT-1", *served_order(), breach())
        spoil(store, order_id("KENT-1"))
        if desk_first:
            work_until_idle(store, "alert")
        reconciler.after(GRACE)
        parked = store.log.select_notifications(1, 1000, topics=[EventParked.TOPIC])
    assert len(parked) == 1


def test_one_that_nobody_can_read_keeps_no_other_waiting(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        for number in range(3):
            tell(store, f"KENT-{number}", *served_order(), breach())
        spoil(store, order_id("KENT-1"))
        reconciler.after(GRACE)
        assert codes(store) == ["BREACH_ARREST"] * 2
        assert len(store.log.select_notifications(1, 1000, topics=[EventParked.TOPIC])) == 1


def test_many_that_no_desk_raises_are_one_transaction(tmp_path: Path) -> None:
    """With the broker away every alert takes this road: one after another they would come late."""
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        for number in range(20):
            tell(store, f"KENT-{number}", *served_order(), breach())
        with no_alert_can_be_written(store, after=19), pytest.raises(sqlite3.OperationalError):
            reconciler.after(GRACE)
        assert codes(store) == []
        reconciler.after(0)
        assert codes(store) == ["BREACH_ARREST"] * 20
        assert len(reconciler.owed) == 20


def test_what_the_database_did_not_take_is_raised_when_it_is_well_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, reconciling(store) as reconciler:
        tell(store, "KENT-1", *served_order(), breach())
        with no_alert_can_be_written(store), pytest.raises(sqlite3.OperationalError):
            reconciler.after(GRACE)
        reconciler.after(0)
        assert codes(store) == ["BREACH_ARREST"]


@contextmanager
def no_alert_can_be_written(store: Store, *, after: int = 0) -> Iterator[None]:
    with closing(sqlite3.connect(store.settings.log_path)) as log:
        log.execute("CREATE TABLE well_until (alerts INTEGER)")
        log.execute("INSERT INTO well_until VALUES (?)", (after,))
        log.execute(
            "CREATE TRIGGER unwell BEFORE INSERT ON events WHEN NEW.topic = 'spo.alert-raised.v1' "
            "AND (SELECT count(*) FROM events WHERE topic = NEW.topic) = (SELECT * FROM well_until) "
            "BEGIN SELECT abs(-9223372036854775807 - 1); END"
        )
        log.commit()
        yield
        log.execute("DROP TRIGGER unwell")
        log.execute("DROP TABLE well_until")
        log.commit()


def test_it_goes_on_from_where_it_was(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        with reconciling(store) as first:
            first.after(GRACE)
        with reconciling(store) as second:
            second.after(GRACE)
        assert (len(first.owed), second.owed) == (1, [])
        assert codes(store) == ["BREACH_ARREST"]
