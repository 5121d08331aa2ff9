"""The cells, m12, in which the clock of one role is stepped while facts come in, and then put right."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from time import sleep, time

from tests.faults.split.account import TOPICS, Account
from tests.faults.split.cell import Cell
from tests.faults.split.field import Arrangement, Field
from tests.faults.split.strikes import DOWN
from tests.faults.split.traces import records_of, rows_of

_STEPS = (timedelta(hours=3), timedelta(hours=-1))
_STEERED = ("alert", "reconcile", "relay", "sweep", "intake")
_MEANWHILE = 20
_ANOTHER_CLOCK = timedelta(minutes=30).total_seconds()


def _stepped(role: str, by: timedelta) -> Callable[[Field, Random], None]:
    def strike(system: Field, rng: Random) -> None:
        before = _written_elsewhen(system)
        system.clocks[role].step(by)
        if role == "reconcile":
            # What the desk does not raise is raised by the second road, with its own clock.
            with system.roles["alert"].down():
                _meanwhile(system)
        else:
            _meanwhile(system)
        system.clocks[role].step(-by)
        system.notes["written_by_that_clock"] = _written_elsewhen(system) - before

    return strike


def _meanwhile(system: Field) -> None:
    sleep(DOWN)
    system.await_acknowledged(_MEANWHILE)


def _written_elsewhen(system: Field) -> int:
    """Events and records that bear an instant of no clock but a stepped one."""
    rows = [row.entered_at for row in rows_of(system.place.administrator)]
    topics = [f"{system.prefix}{each}" for each in TOPICS]
    records = [each.at for each in records_of(system.bootstrap, topics)]
    return sum(abs(at - time()) > _ANOTHER_CLOCK for at in (*rows, *records))


def _seen(system: Field, account: Account) -> bool:
    return bool(system.notes["written_by_that_clock"])


def stepped_cells() -> list[Cell]:
    arrangement = Arrangement(steered=_STEERED)
    return [
        Cell(
            f"{role}'s clock stepped",
            f"{by.total_seconds() / 3600:+.0f} h, then put right",
            _stepped(role, by),
            _seen,
            arrangement,
        )
        for role in _STEERED
        for by in _STEPS
        # What is told to an intake whose clock is slow lies in its future, and is put before a person.
        if role != "intake" or by > timedelta()
    ]
