"""A withdrawal and an operator's step at once: whoever is second decides again on what the first left."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from consumers.reconciler import GRACE
from domain.desk.case import AlertCase
from domain.desk.desk import AlertDesk
from domain.desk.hands import DeskRole, Hand
from domain.desk.steps import Acknowledge
from domain.open_alerts import open_alerts
from domain.refusals import Refused
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.wiring.store import now
from tests.consumers.test_reconciler import reconciling
from tests.stories import breach, fact, served_order, store_at, tell, work_until_idle

OPERATOR = Hand("K1001", DeskRole.OPERATOR, "Kent", "CR-7")
RETRACTED = fact("BreachRetracted", "2026-12-05T22:00:00+00:00", incident="INC-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One alert whose breach was retracted; nobody has withdrawn the alert yet."""
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach(incident="INC-1"))
        work_until_idle(store, "alert")
        tell(store, "KENT-1", RETRACTED)
        yield store


class Interrupting:
    """A clock: each of the first times somebody asks it, somebody else has just written."""

    def __init__(self, times: int, others: Callable[[], object]) -> None:
        self._times, self._others = times, others

    def __call__(self) -> datetime:
        if self._times:
            self._times -= 1
            self._others()
        return now()


class SlowAcknowledge(Acknowledge):
    """Before it is decided somebody else writes; only the first time."""

    NAME = "slow-acknowledge"
    others: Callable[[], object]

    def take(self, case: AlertCase, hand: Hand, at: datetime) -> None:
        if case.withdrawn is None:
            self.others()
        super().take(case, hand, at)


def by_another_process(store: Store, act: Callable[[Store], object]) -> Callable[[], None]:
    """On a thread and a store of its own, as another program would be."""

    def done() -> None:
        fault: list[BaseException] = []

        def run() -> None:
            try:
                with store_at(store.settings.data_dir) as own:
                    act(own)
            except BaseException as raised:  # noqa: BLE001 - told to the test
                fault.append(raised)

        thread = Thread(target=run)
        thread.start()
        thread.join()
        assert not fault, fault

    return done


def acknowledged(own: Store) -> None:
    (case,) = open_alerts(own.register)
    AlertDesk(own.register).do(case.id, OPERATOR, now(), Acknowledge())


def the_case(store: Store, identity: Any) -> AlertCase:
    return store.register.read(AlertCase(identity))


@pytest.mark.parametrize("road", ["alert", "reconcile"])
def test_an_operator_who_is_first_keeps_the_alert_and_it_is_withdrawn(
    store: Store, road: str
) -> None:
    (before,) = open_alerts(store.register)
    clock = Interrupting(9, by_another_process(store, acknowledged))
    if road == "alert":
        with role("alert", store, lambda _: None, clock) as work:
            for _ in range(
                9
            ):  # beaten to it twice, it goes back to its bookmark: the role runs it again
                work(0)
    else:
        with reconciling(store, clock) as reconciler:
            reconciler.after(GRACE)
            assert reconciler.owed == [before.id]
    case = the_case(store, before.id)
    assert case.withdrawn is not None
    assert (case.ownership.staff, case.open) == (OPERATOR.staff, True)
    assert (
        case.version >= 4
    )  # raised, withdrawn, and taken at least twice while it was being withdrawn


def test_a_withdrawal_that_is_first_is_seen_by_the_operators_step(store: Store) -> None:
    (before,) = open_alerts(store.register)
    withdrawn = by_another_process(store, lambda own: work_until_idle(own, "alert"))
    with pytest.raises(Refused, match="ALERT_IS_CLOSED"):
        AlertDesk(store.register).do(before.id, OPERATOR, now(), SlowAcknowledge(others=withdrawn))
    case = the_case(store, before.id)
    assert case.withdrawn is not None
    assert case.ownership.staff is None


def test_step_after_step_never_keeps_a_withdrawal_out(store: Store) -> None:
    """The operator writes as fast as they can while the reconciler withdraws."""
    (before,) = open_alerts(store.register)
    stop = Event()

    def again_and_again(own: Store) -> None:
        desk = AlertDesk(own.register)
        while not stop.is_set():
            desk.do(before.id, OPERATOR, now(), Acknowledge())

    acknowledged(store)
    operator = Thread(target=by_another_process(store, again_and_again))
    operator.start()
    try:
        for _ in range(20):
            with reconciling(store) as reconciler:
                reconciler.after(GRACE)
    finally:
        stop.set()
        operator.join()
    case = the_case(store, before.id)
    assert case.withdrawn is not None
    assert case.ownership.staff == OPERATOR.staff
