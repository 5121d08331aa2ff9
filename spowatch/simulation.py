"""A clock that stands still while anything is done, and what it drives: years in seconds.

The sweep, the desk, the episodes and the console are the real ones, on one thread: the same facts give the same
log, whatever the machine was doing. Tests and training use it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

from scheduler.sweeps import Sweep
from spowatch.open_store import Store
from spowatch.running.register import Work, role
from spowatch.wiring.sheets import opened_sheet
from spowatch.wiring.store import sweep


class SimulatedClock:
    """Shows the instant it was moved to, and never goes back."""

    def __init__(self, start: datetime) -> None:
        self._shown = start

    def __call__(self) -> datetime:
        return self._shown

    def move_to(self, instant: datetime) -> None:
        self._shown = max(self._shown, instant)


Happening = tuple[datetime, Callable[[], object]]
"""Something that comes from outside, and when."""


class Simulation:
    """Plays what happens and what falls due in the order of time."""

    def __init__(self, clock: SimulatedClock, sweeping: Sweep, others: Sequence[Work]) -> None:
        self.clock = clock
        self._sweep = sweeping
        self._others = others

    def settle(self) -> None:
        """Do all there is to do at this instant."""
        busy = True
        while busy:
            busy = bool(self._sweep.read(0) or self._sweep.raise_due())
            busy |= sum(work(0) for work in self._others) > 0

    def play(
        self,
        happenings: Iterator[Happening],
        until: datetime,
        goes_on: Callable[[timedelta], bool] = lambda _: True,
    ) -> None:
        """Move the clock from one instant to the next, up to `until`.

        `goes_on` is told how long nothing happens before each move; False ends the play.
        """
        self.settle()
        happening = next(happenings, None)
        while self.clock() < until:
            due = self._sweep.sheet.next_due()
            instants = (due, happening[0] if happening else None, until)
            instant = min(each for each in instants if each is not None)
            if not goes_on(instant - self.clock()):
                return
            self.clock.move_to(instant)
            if happening is not None and happening[0] <= instant:
                happening[1]()
                happening = next(happenings, None)
            self.settle()


@contextmanager
def simulated(
    store: Store, clock: SimulatedClock, show: Callable[[dict[str, Any]], None]
) -> Iterator[Simulation]:
    """The sweep, the desk, the episodes and the console of this store, driven by that clock."""
    with ExitStack() as stack:
        sheet = stack.enter_context(opened_sheet(store.settings))
        roles = ("alert", "episodes", "deliver")
        others = [stack.enter_context(role(name, store, show, clock)) for name in roles]
        yield Simulation(clock, sweep(store, sheet, clock), others)
