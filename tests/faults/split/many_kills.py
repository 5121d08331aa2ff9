"""Every role there is killed so often, a few at once, each as soon as it is ready again, while facts go in."""

from collections.abc import Callable, Iterator
from random import Random
from signal import SIGKILL
from statistics import quantiles
from time import sleep

from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import Cell
from tests.faults.split.every_role import looked_after
from tests.faults.split.field import EVERY_ROLE, ROLES, TEXTS, Arrangement, Field
from tests.faults.split.people_outside import people_looked_after

_ROUND = 20
"""Deaths of each role on one database; then another, so that counting stays quick."""
_AT_ONCE = 4
_PAUSE = (0.0, 0.5)
"""Seconds a role is left at work before the next deaths."""
_PACE = 0.5
"""Seconds between two facts of a writer: at full speed nineteen processes on two cores do nothing but catch up."""
_PATIENCE = 180.0
"""Seconds for the receipts: each text is asked for one by one, and nobody asked while nobody had time."""
_EVERYBODY = Arrangement(roles=(*EVERY_ROLE, *TEXTS, "staffing", "relay2"))
_ON_THE_ROAD = Arrangement(roles=(*ROLES, "relay2"))
"""Those between a fact and the console, alone: two cores start them three times as fast as everybody."""


def kill_rounds(kills: int, *, everybody: bool = True) -> list[Cell]:
    """So many deaths of each role, of everybody or of those on the road alone, in rounds."""
    who = _EVERYBODY if everybody else _ON_THE_ROAD
    sizes = [_ROUND] * (kills // _ROUND) + ([kills % _ROUND] if kills % _ROUND else [])
    return [
        Cell(
            *(f"kills {number}", f"each role {size} times", _strike(size), _bit(size), who),
            allowed=Allowed(late=True),  # both roads to the alert may be among them
            alone=True,
        )
        for number, size in enumerate(sizes, start=1)
    ]


def _strike(times: int) -> Callable[[Field, Random], None]:
    def strike(system: Field, rng: Random) -> None:
        for feeder in system.feeders:
            feeder.pace = _PACE
        for each in system.roles.values():
            each.to_ready.clear()
        for few in _few_at_a_time(sorted(system.roles), times, rng):
            for name in few:
                system.roles[name].kill()
            for name in few:
                system.roles[name].wait_until_ready()
            sleep(rng.uniform(*_PAUSE))
        took = sorted(one for each in system.roles.values() for one in each.to_ready)
        cuts = quantiles(took, n=100)
        system.notes["kills"] = len(took)
        system.notes["ready_p50_p99_s"] = (round(cuts[49], 2), round(cuts[98], 2))

    return strike


def _few_at_a_time(names: list[str], times: int, rng: Random) -> Iterator[list[str]]:
    """Each name that often, none twice before all the others have had their turn."""
    for _ in range(times):
        turn = rng.sample(names, len(names))
        while turn:
            few = rng.randint(1, _AT_ONCE)
            yield turn[:few]
            turn = turn[few:]


def _bit(times: int) -> Callable[[Field, Account], bool]:
    def bit(system: Field, account: Account) -> bool:
        if "staffing" in system.roles:
            looked_after(system)
            people_looked_after(system, _PATIENCE)
        killed = {name: each.exits.count(-SIGKILL) for name, each in system.roles.items()}
        return min(killed.values()) >= times

    return bit
