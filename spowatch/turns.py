"""Those who write on one order take turns, and no crowd of them holds the threads that answer everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from uuid import UUID

from web.entering import OrderBusy

TURNS = 64
"""Orders that share a turn wait for each other, which is never wrong."""
WAITING = 60
"""That may wait for one turn: fifty programs at one order are all served in their turn."""
WAITING_IN_ALL = 80
"""Whoever waits or writes holds one of the 200 threads, and so do 32 who take steps on alerts and 8 boards that tell what they painted. 16 are left
though every turn is taken: reading and the first to write on another order never wait behind crowds."""


class Turns:
    """Fifty writers of one order that only try again when they are beaten starve some of themselves.

    Safe to share between threads.
    """

    def __init__(self) -> None:
        self._turns = [(Lock(), BoundedSemaphore(WAITING)) for _ in range(TURNS)]
        self._in_all = BoundedSemaphore(WAITING_IN_ALL)

    @contextmanager
    def of(self, order: UUID) -> Iterator[None]:
        """Nobody else writes on that order meanwhile. Raises `OrderBusy` where too many wait."""
        turn, waiting = self._turns[order.int % TURNS]
        if not turn.acquire(blocking=False):
            with _a_place_in(waiting), _a_place_in(self._in_all):
                turn.acquire()
        try:
            yield
        finally:
            turn.release()


@contextmanager
def _a_place_in(places: BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise OrderBusy
    try:
        yield
    finally:
        places.release()
