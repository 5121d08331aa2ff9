"""One cell of the matrix: the system up, facts going in, one fault, then the reckoning."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from time import monotonic, sleep, time

from tests.faults.split.account import Account, Allowed, account_of, spread
from tests.faults.split.field import ROLES, Arrangement, Field, field_on
from tests.faults.split.ground import Ground
from tests.faults.split.watch import Watch

Strike = Callable[[Field, Random], None]
Bit = Callable[[Field, Account], bool]

_BEFORE, _AFTER = 12, 12
"""Facts acknowledged before the fault, and after it is over."""
_QUIET = 2.5
"""Seconds that are left, when all is well, for what should not come."""
SETTLES = 45.0
"""Seconds within which everything must have come by itself."""
STAYS = ("duplicate", "out of order", "personal", "sent by an overtaken relay")
"""How the faults begin that no waiting mends."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`strike` returns when the fault is over; `bit` tells whether it did anything."""

    name: str
    moment: str
    strike: Strike
    bit: Bit
    arrangement: Arrangement = field(default_factory=Arrangement)
    allowed: Allowed = field(default_factory=Allowed)
    crash: tuple[str, str] | None = None
    """Role and MOMENT:HIT:SIGNAL, in the planted program; the role `import` is the first feeder."""
    alone: bool = False
    """Whether it is to have a system of its own: it leaves one that is no use to the next."""

    @property
    def stands_on(self) -> tuple[object, ...]:
        """Cells of which this is the same share a running system."""
        return self.arrangement, self.crash is not None, self.name if self.alone else ""


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    moment: str
    account: Account
    faults: Sequence[str]
    bit: bool
    took: float
    notes: Mapping[str, object]

    @property
    def good(self) -> bool:
        return self.bit and not self.faults

    def _counted(self, *kinds: str) -> int:
        """Faults that the cell does not excuse."""
        return sum(fault.startswith(kinds) for fault in self.faults)

    def as_dict(self) -> dict[str, object]:
        found = self.account
        return {
            "cell": self.name,
            "moment": self.moment,
            "facts": found.acknowledged,
            "events": found.in_all.events - found.before.events,
            "alerts": found.in_all.alerts - found.before.alerts,
            "lost": self._counted("lost", "missing", "not at the broker"),
            "duplicate": self._counted("duplicate"),
            "out_of_order": self._counted("out of order"),
            "late_s": spread(found.late),
            "said_late_s": spread(found.said_late),
            "machine_held_up_s": round(found.held_up, 2),
            "copies": found.copies,
            "republished": found.republished,
            "bit": self.bit,
            "faults": sorted(self.faults)[:20],
            "notes": dict(self.notes),
            "took_s": round(self.took, 1),
        }


@contextmanager
def standing(ground: Ground, cell: Cell, rng: Random, copy: Path | None) -> Iterator[Field]:
    """A system for this cell and those like it. `copy` is a planted program; else the installed."""
    with (
        field_on(ground, cell.arrangement, copy) as system,
        Watch(system.console, system.place.administrator) as system.watch,
    ):
        system.start_roles(cell.crash if cell.alone else None)
        system.open_feeders(rng)
        system.wait_until_ready()
        yield system


def run_cell(
    cell: Cell,
    system: Field,
    rng: Random,
    before: Account | None = None,
    patience: float = SETTLES,
) -> Result:
    """`before` is what the cell before it on the same system came to."""
    begun = monotonic()
    system.notes.clear()
    system.amiss.clear()
    if cell.crash is not None and not cell.alone:
        system.arm(*cell.crash)
    for role in system.roles.values():
        role.exits.clear()
    if system.watch is not None:
        system.watch.held_up = 0.0
    since = time()
    system.feed()
    system.await_acknowledged(_BEFORE)
    cell.strike(system, rng)
    system.await_acknowledged(_AFTER)
    system.rest()
    account = settled(cell, system, before, since, patience)
    bit = cell.bit(system, account)
    notes = dict(system.notes) | _fallen(system)
    faults = [*account.faults(cell.allowed), *system.amiss]
    return Result(cell.name, cell.moment, account, faults, bit, monotonic() - begun, notes)


def settled(
    cell: Cell, system: Field, before: Account | None, since: float, patience: float
) -> Account:
    """The account when nothing is amiss any more, and some time after; the last one in any case."""
    deadline = monotonic() + patience
    while True:
        account = account_of(system, before, since)
        amiss = account.faults(replace(cell.allowed, late=True))
        if not amiss or monotonic() > deadline or any(f.startswith(STAYS) for f in amiss):
            break
        sleep(0.5)
    sleep(_QUIET)
    return account_of(system, before, since)


def _fallen(system: Field) -> dict[str, object]:
    fell = {name: each.fell_over for name, each in system.roles.items() if each.fell_over}
    return {"ended_by_themselves": fell} if fell else {}


def without(*roles: str) -> Arrangement:
    return Arrangement(roles=tuple(each for each in ROLES if each not in roles))
