"""Turns on one order: one writes, some wait, the rest are sent away, and other orders go on."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from itertools import islice
from threading import Event
from uuid import UUID

import pytest

from spowatch.serving.web import THREADS
from spowatch.turns import TURNS, WAITING, WAITING_IN_ALL, Turns
from tests.program import PATIENCE
from web.entering import OrderBusy
from web.step_places import AT_ONCE, TELLING

FIRST, SECOND, THIRD, FOURTH = (UUID(int=each) for each in range(4))


class Crowds:
    """Writers of whom each says whether it had its turn; whoever has it keeps it until all may go."""

    def __init__(self, writers: ThreadPoolExecutor) -> None:
        self.turns = Turns()
        self.may_go = Event()
        self._writers = writers

    def write(self, *orders: UUID) -> Sequence[Future[bool]]:
        return [self._writers.submit(self._writes, order) for order in orders]

    def _writes(self, order: UUID) -> bool:
        try:
            with self.turns.of(order):
                return self.may_go.wait(PATIENCE)
        except OrderBusy:
            return False


@pytest.fixture
def crowds() -> Iterator[Crowds]:
    with ThreadPoolExecutor(THREADS + 40) as writers:
        crowds = Crowds(writers)
        yield crowds
        crowds.may_go.set()


def test_of_a_crowd_at_one_order_only_so_many_wait_and_all_of_them_are_served(
    crowds: Crowds,
) -> None:
    writers = crowds.write(*[FIRST] * (1 + WAITING + 5))
    sent_away = list(islice(as_completed(writers, timeout=PATIENCE), 5))
    assert not any(each.result() for each in sent_away)
    (second, waits) = crowds.write(SECOND, SECOND)
    crowds.may_go.set()
    assert sum(each.result() for each in writers) == 1 + WAITING
    assert second.result()
    assert waits.result()


def test_crowds_at_several_orders_leave_threads_and_the_turn_of_another_order(
    crowds: Crowds,
) -> None:
    writers = crowds.write(*[FIRST, SECOND, THIRD] * (1 + WAITING))
    too_many = len(writers) - 3 - WAITING_IN_ALL
    sent_away = list(islice(as_completed(writers, timeout=PATIENCE), too_many))
    assert not any(each.result() for each in sent_away)
    with crowds.turns.of(FOURTH):
        crowds.may_go.set()
    assert sum(each.result() for each in writers) == 3 + WAITING_IN_ALL


def test_threads_are_left_though_every_turn_is_taken_and_nobody_more_may_wait() -> None:
    assert THREADS - TURNS - WAITING_IN_ALL - AT_ONCE - TELLING >= 16
