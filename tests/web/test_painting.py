"""What browsers say they painted goes on record together, and each alert as if it came alone."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from pydantic import ConfigDict

from domain.desk.case import AlertCase
from domain.desk.desk import AlertDesk
from domain.desk.events import AlertPresented
from domain.desk.hands import DeskRole, Hand
from domain.desk.steps import Accept, Acknowledge, Offer
from domain.together import do_all
from spowatch.log_pages import alerts_raised
from spowatch.open_store import Store
from tests.stories import NOW, breach, served_order, store_at, tell, work_until_idle
from web.painting import Paint

KENTS = Hand("4812", DeskRole.OPERATOR, "Kent", "desk-1")
ESSEXS = Hand("22", DeskRole.OPERATOR, "Essex", "desk-2")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_at(tmp_path_factory.mktemp("painting")) as store:
        yield store


@pytest.fixture
def store(empty: Store, request: pytest.FixtureRequest) -> Store:
    """With an order that was broken four times."""
    order = f"KENT-{request.node.name}"
    acts = [breach(incident=f"{order}-{number}") for number in range(4)]
    tell(empty, order, *served_order(), *acts)
    work_until_idle(empty, "alert")
    return empty


def newest(store: Store) -> list[UUID]:
    return [alert for _, alert in alerts_raised(store)][-4:]


def presented(store: Store, alerts: list[UUID]) -> list[int]:
    """How often each was put on record as painted."""
    said = [list(store.register.events_of(alert)) for alert in alerts]
    return [sum(each.topic == AlertPresented.TOPIC for each in events) for events in said]


def test_what_a_board_painted_is_one_transaction(store: Store) -> None:
    alerts, turn = newest(store), store.log.watch.turn
    do_all(store.register, [*alerts, alerts[0], uuid4()], KENTS, NOW, Paint())
    assert presented(store, alerts) == [1, 1, 1, 1]
    assert store.log.watch.turn == turn + 1


def test_what_one_may_not_paint_keeps_no_other_from_it(store: Store) -> None:
    desk, alerts = AlertDesk(store.register), newest(store)
    offer = Offer(to_force="Essex", reason="seen there")
    desk.do(alerts[1], KENTS, NOW, Acknowledge())
    desk.do(alerts[1], KENTS, NOW, offer)
    desk.do(alerts[1], ESSEXS, NOW, Accept(priority=1))
    for _ in ("told", "told again"):
        do_all(store.register, alerts, KENTS, NOW, Paint())
    assert presented(store, alerts) == [1, 0, 1, 1]


class Beaten(Paint):
    """Somebody takes that alert between the reading and the saving."""

    by: AlertDesk
    to: list[UUID]

    model_config = ConfigDict(arbitrary_types_allowed=True)

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        if case.id in self.to:
            self.to.remove(case.id)
            self.by.do(case.id, hand, now, Acknowledge())
        super().take(case, hand, now)


def test_who_is_beaten_to_one_alert_paints_them_all_the_same(store: Store) -> None:
    desk, alerts = AlertDesk(store.register), newest(store)
    do_all(store.register, alerts, KENTS, NOW, Beaten(by=desk, to=[alerts[2]]))
    assert presented(store, alerts) == [1, 1, 1, 1]
    assert store.register.read(AlertCase(alerts[2])).ownership.staff == "4812"
