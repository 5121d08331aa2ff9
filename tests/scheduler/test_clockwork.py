"""Clockwork: wakes the sweep at the instant, whatever APScheduler forgets, and stops when told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic

from domain.events import RecordedEvent
from domain.findings import ConcernRaised
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from scheduler.clockwork import LONGEST_SLEEP, Clockwork
from spowatch.open_store import Store
from spowatch.wiring.store import now, sweep
from tests.program import PATIENCE
from tests.stories import Fact, fact, store_at, tell


def unserved_in(seconds: float) -> list[Fact]:
    """An order whose service is chased that many seconds from now: it was made a day ago."""
    made = now() - timedelta(hours=24) + timedelta(seconds=seconds)
    return [
        fact(
            "ApplicationMade",
            (made - timedelta(days=1)).isoformat(),
            applicant="chief_officer",
            force="Kent",
            nexus="resides",
        ),
        fact("FullOrderGranted", made.isoformat(), until="further_order", defendant_present=False),
    ]


@contextmanager
def running(
    store: Store, fault: Callable[[Exception], None] = lambda _: None
) -> Iterator[Clockwork]:
    sheet = SqliteDeadlineSheet(store.settings.sheets_path)
    clockwork = Clockwork(sweep(store, sheet), now, fault)
    try:
        yield clockwork
    finally:
        clockwork.close()
        sheet.close()


def raised(store: Store, clockwork: Clockwork, count: int) -> list[RecordedEvent]:
    """The concerns on record, once there are `count`, or what there is when patience ends."""
    deadline = monotonic() + PATIENCE
    while True:
        found = store.log.select_notifications(1, 1000, topics=[ConcernRaised.TOPIC])
        if len(found) >= count or monotonic() > deadline:
            return [store.mapper.to_domain_event(each) for each in found]
        clockwork.work(0.02)


def lateness(recorded: RecordedEvent) -> timedelta:
    return recorded.envelope.entered_at - recorded.envelope.occurred_at


WOKEN = timedelta(seconds=LONGEST_SLEEP / 2)
"""Whoever is not woken sweeps once in twice that, and last did when the one before was raised."""


def soonest(store: Store, clockwork: Clockwork, tell_one: Callable[[str], object]) -> timedelta:
    """Of a few told one after another, each due before any sweep comes by itself; none of them early.

    One by itself may be late where the machine is busy; where nobody is woken each is, but for the first.
    """
    late: list[timedelta] = []
    while min(late[1:], default=WOKEN) >= WOKEN and len(late) < 20:
        tell_one(f"SOON-{len(late)}")
        late = [lateness(each) for each in raised(store, clockwork, len(late) + 1)]
    assert min(late) >= timedelta(0)
    return min(late[1:])


def test_what_falls_due_wakes_the_sweep_then_and_never_early(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, running(store) as clockwork:
        due = soonest(
            store, clockwork, lambda name: tell(store, name, *unserved_in(0.2), now=now())
        )
    assert due < WOKEN


def test_an_earlier_deadline_from_another_process_wakes_a_clockwork_that_sleeps(
    tmp_path: Path,
) -> None:
    with store_at(tmp_path) as store, store_at(tmp_path) as elsewhere, running(store) as clockwork:
        tell(store, "KENT-1", *unserved_in(3600), now=now())
        clockwork.work(0.1)
        due = soonest(
            store, clockwork, lambda name: tell(elsewhere, name, *unserved_in(0.2), now=now())
        )
    assert due < WOKEN


def test_what_fell_due_while_nothing_ran_is_raised_at_the_start_and_once(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unserved_in(-3600), now=now())
        with running(store) as clockwork:
            assert len(raised(store, clockwork, 1)) == 1
        with running(store) as clockwork:
            clockwork.work(0.1)
            assert len(raised(store, clockwork, 1)) == 1


def test_an_instant_overdue_by_years_does_not_keep_the_timer_counting(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *unserved_in(-5 * 365 * 86400), now=now())
        with running(store) as clockwork:
            assert len(raised(store, clockwork, 1)) == 1


def test_a_clock_put_back_does_not_silence_it(tmp_path: Path) -> None:
    """APScheduler alone waits for the wall clock to catch up; the watchdog does not."""
    with store_at(tmp_path) as store, running(store) as clockwork:
        clockwork._wake_in(3600)
        clockwork._swept -= 5
        tell(store, "KENT-1", *unserved_in(0.2), now=now())
        assert len(raised(store, clockwork, 1)) == 1


def test_a_sweep_that_fails_is_reported_and_the_next_one_comes(tmp_path: Path) -> None:
    faults: list[Exception] = []
    with store_at(tmp_path) as store, running(store, faults.append) as clockwork:
        broken, clockwork._sweep.raise_due = clockwork._sweep.raise_due, _fails  # type: ignore[method-assign]  # it dies there
        deadline = monotonic() + PATIENCE
        while not faults and monotonic() < deadline:
            clockwork.work(0.05)
        clockwork._sweep.raise_due = broken  # type: ignore[method-assign]  # it dies there
        tell(store, "KENT-1", *unserved_in(0.2), now=now())
        assert len(raised(store, clockwork, 1)) == 1
    assert isinstance(faults[0], OSError)


def test_two_clockworks_on_one_store_raise_it_once(tmp_path: Path) -> None:
    with store_at(tmp_path) as store, running(store) as first, running(store) as second:
        tell(store, "KENT-1", *unserved_in(0.4), now=now())
        raised(store, first, 1)
        second.work(0.3)
        assert len(raised(store, second, 1)) == 1


def _fails() -> int:
    msg = "the disk went away"
    raise OSError(msg)
