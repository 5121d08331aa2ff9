"""Runs the real system, and the baseline beside it, under a clock that jumps."""

import threading
from contextlib import ExitStack
from datetime import datetime
from time import time

from tests.faults.baseline_timer import BaselineTimer
from tests.faults.clock_account import PROMPT, Account, Watched
from tests.faults.clock_jumps import Jump, Step
from tests.faults.faked_clock import SteeredClock
from tests.faults.falling_due import Due, Moment, Teller, never_notified
from tests.faults.log_rows import FileRows
from tests.faults.lookout import Lookout
from tests.faults.processes import Site
from tests.program import run

_ORDERS = 3
"""Told for each day."""
_REST = 1.3
"""Seconds after which the sweep has read what it was told, and sleeps."""


def watch(jump: Jump, site: Site, patience: float = PROMPT, prompt: float = PROMPT) -> Account:
    """The jump on a store of its own; `patience` is for the baseline. Raises `NoFakedClock`.

    What takes longer than `prompt` seconds was silent.
    """
    site.folder.mkdir(exist_ok=True)
    clock = SteeredClock(site.folder, jump.begins)
    made = run("migrate", "--data-dir", str(site.store), program=site.program, cwd=site.cwd)
    if made.returncode:
        raise AssertionError(made.stderr)
    faked = Site(site.folder, clock.command(site.program), site.cwd)
    with ExitStack() as stack:
        program = stack.enter_context(faked.start("run", "sweep", "alert"))
        baseline = stack.enter_context(BaselineTimer(clock))
        lookout = stack.enter_context(Lookout(FileRows(site.store / "log.db"), clock.latest))
        teller = stack.enter_context(Teller(faked.start("import", "-")))
        for _ in ("sweep", "alert"):
            program.said.until(lambda line: line.startswith("READY "))
        stage = _Stage(clock, teller, baseline, lookout, prompt)
        for number, step in enumerate(jump.steps):
            stage.take(step, number)
        passed = stage.passed()
        lookout.wait_for_alerts(passed, prompt)
        instants = {due_at: real for (_, _, due_at), real in passed.items()}
        baseline.wait_for(set(instants), patience)
        status = program.stop()
    watched = Watched(stage.told, passed, lookout.sightings, lookout.alerts, status)
    return Account(jump.name, watched, baseline.came_to(instants, PROMPT), prompt)


class _Stage:
    """Takes the steps of a jump, and knows what has to come of them."""

    def __init__(
        self,
        clock: SteeredClock,
        teller: Teller,
        baseline: BaselineTimer,
        lookout: Lookout,
        prompt: float,
    ) -> None:
        self._clock = clock
        self._teller = teller
        self._baseline = baseline
        self._lookout = lookout
        self._prompt = prompt
        self._known: list[tuple[Due, float]] = []
        self._running = threading.Event()

    @property
    def told(self) -> set[Moment]:
        return {due.moment for due, _ in self._known}

    def passed(self) -> dict[Moment, float]:
        """What the clock has passed by now, and when it first did after the order was told."""
        reached = {due.moment: self._clock.reached(due.at, known) for due, known in self._known}
        return {moment: real for moment, real in reached.items() if real is not None}

    def take(self, step: Step, number: int) -> None:
        for day in step.told:
            orders = [never_notified(f"{number}/{day}/{place}", day) for place in range(_ORDERS)]
            self._baseline.expect(orders[0].at)
            self._teller.tell(orders)
            self._known += [(each, time()) for each in orders]
        if step.told:
            self._running.wait(_REST)
        if isinstance(step.to, datetime):
            self._clock.set(step.to)
        else:
            self._clock.step(step.to)
        self._running.wait(step.runs)
        self._lookout.wait_for(self.passed(), self._prompt)
