"""At every instant an open alert of priority 1 has one owner or is being told of: over hand-over, sign-off, crash."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from time import monotonic, sleep, time
from uuid import UUID

from domain.alerts import AlertRaised
from domain.desk.case import AlertCase
from domain.desk.events import AlertHandedOver, DeskEvent, EscalationStarted, LeaseRanOut
from domain.desk.handovers import HandoverAccepted
from domain.desk.shifts import SignedOff
from domain.events import RecordedEvent
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from spowatch.open_store import Store
from spowatch.wiring.store import audit_sheet
from tests.faults.shift_people import at_work
from tests.forking import FORKING
from tests.stories import breach, served_order, store_at, tell, work_until_idle

ALERTS, SPEED, PATIENCE = 6, 300.0, 120.0
PEOPLE = ("K1", "K2", "K3")
KILLS = 5
MUST_HAPPEN = (AlertHandedOver, HandoverAccepted, SignedOff, LeaseRanOut, EscalationStarted)


@contextmanager
def up(store: Store, who: str, seed: int, start: float) -> Iterator[BaseProcess]:
    process = FORKING.Process(
        target=at_work, args=(store.settings.data_dir, who, seed, SPEED, start), daemon=True
    )
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def test_an_urgent_alert_is_never_nobodys_and_untold(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        for number in range(ALERTS):
            armed = breach(markers=["weapon"], incident=f"I-{number}")
            tell(store, f"KENT-{number}", *served_order(), armed)
        work_until_idle(store, "alert")
        kills = a_few_shifts(store)
        work_until_idle(store, "sweep")
        seen = audited(store)
        sheet = SqliteDeadlineSheet(store.settings.sheets_path)
        assert audit_sheet(store, sheet) == []
        sheet.close()
    assert kills >= KILLS
    assert {kind.__name__ for kind in MUST_HAPPEN} <= set(seen)
    assert seen["AlertHandedOver"] == seen["HandoverAccepted"]


def a_few_shifts(store: Store) -> int:
    """Everybody at work; one after the other is killed where they stand, and comes back."""
    rng, start, kills = Random(7), time(), 0
    with ExitStack() as stack:
        everybody = ["sweep", *PEOPLE]
        there = {who: stack.enter_context(up(store, who, 1, start)) for who in everybody}
        deadline = monotonic() + PATIENCE
        while (kills < KILLS or not_seen(store)) and monotonic() < deadline:
            sleep(rng.uniform(0.6, 1.5))
            who = rng.choice(everybody)
            there[who].kill()
            there[who].join()
            kills += 1
            there[who] = stack.enter_context(up(store, who, 1 + kills, start))
        assert all(each.is_alive() for each in there.values()), "somebody ended by themselves"
    return kills


def not_seen(store: Store) -> bool:
    """Whether something that must happen has not: on a busy machine people come to little."""
    found = (store.log.select_notifications(1, 1, topics=[each.TOPIC]) for each in MUST_HAPPEN)
    return not all(found)


def audited(store: Store) -> Counter[str]:
    """The log read from its start, event by event, with what must hold after each."""
    cases: dict[UUID, AlertCase] = {}
    seen: Counter[str] = Counter()
    for stored in store.log.select_notifications(1, 1_000_000):
        recorded: RecordedEvent = store.mapper.to_domain_event(stored)
        seen[type(recorded.event).__name__] += 1
        if isinstance(recorded.event, AlertRaised | DeskEvent):
            case = cases.setdefault(recorded.originator_id, AlertCase(recorded.originator_id))
            case.fold([recorded])
            in_hand(case, recorded)
        elif isinstance(recorded.event, SignedOff):
            gone = recorded.event.staff
            assert not [c for c in cases.values() if c.priority == 1 and has(c, gone, recorded)]
    assert len(cases) == ALERTS
    return seen


def has(case: AlertCase, staff: str, recorded: RecordedEvent) -> bool:
    return case.has(staff, recorded.envelope.recorded_at)


def in_hand(case: AlertCase, recorded: RecordedEvent) -> None:
    """One owner with a lease, or the next to be told; and the instant at which that changes is known."""
    if not case.open or case.priority != 1:
        return
    owned = case.ownership.staff is not None and case.ownership.lease_until is not None
    to_begin = case.escalation.policy is None
    assert owned or case.escalation.running or to_begin, recorded
    assert case.next_change is not None, recorded
