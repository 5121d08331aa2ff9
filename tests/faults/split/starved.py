"""The cells, m12, in which a running role gets no more descriptors, or no more memory, for a while."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from resource import RLIMIT_AS, RLIMIT_NOFILE, prlimit
from time import sleep

from tests.faults.split.account import Account
from tests.faults.split.cell import Cell
from tests.faults.split.field import ROLES, Arrangement, Field
from tests.faults.split.strikes import DOWN

_STANDARD = 3
"""Input, output and errors: below these no limit makes sense, and above them nothing new can be opened."""
_FEW = (1, 2)
"""Descriptors it gets when it has none: enough for half of what it takes to come back."""
_NO_MEMORY = 1 << 20
"""Bytes of address space, less than any role has: whatever it has stays, and it gets no page more."""
_MEANWHILE = 20
_PROXIED = Arrangement(broker_proxied=("alert", "relay", "intake"), database_proxied=ROLES)
_NO_MEMORY_SAID = re.compile(r"\"(?:MemoryError|RuntimeError)\"|out of memory|Cannot allocate")
"""A thread for which there is no room is a RuntimeError, of which nothing but its name is logged."""


def _without_descriptors(role: str) -> Callable[[Field, Random], None]:
    def strike(system: Field, rng: Random) -> None:
        """Its links are cut: it cannot open others, then half of them, then all it wants."""
        pid = system.roles[role].pid
        before = _open(pid)
        with _limited(pid, RLIMIT_NOFILE, _STANDARD):
            _cut_links(system)
            sleep(DOWN)
            while_starved = _open(pid)
            system.await_acknowledged(_MEANWHILE)
            few = _first_free(pid) + rng.choice(_FEW)
            with _limited(pid, RLIMIT_NOFILE, few):
                sleep(DOWN)
        system.notes["descriptors"] = f"{len(before)}, then {len(while_starved)}"
        system.notes["bit"] = 0 < len(while_starved) < len(before)

    return strike


def _without_memory(role: str) -> Callable[[Field, Random], None]:
    def strike(system: Field, rng: Random) -> None:
        """It has just come back and is behind: one that has run for long has room for what it repeats."""
        kept = system.roles[role]
        with kept.down():
            system.await_acknowledged(_MEANWHILE)
        kept.wait_until_ready()
        pid, lives, said = kept.pid, len(kept.exits), len(_said(system))
        with _limited(pid, RLIMIT_AS, _NO_MEMORY):
            _cut_links(system)
            sleep(DOWN)
            system.await_acknowledged(_MEANWHILE)
        kept.wait_until_ready()
        system.notes["fell"] = len(kept.exits) - lives
        system.notes["short"] = len(_NO_MEMORY_SAID.findall(_said(system)[said:]))
        system.notes["bit"] = bool(system.notes["fell"] or system.notes["short"])

    return strike


@contextmanager
def _limited(pid: int, what: int, soft: int) -> Iterator[None]:
    """A process that has ended, and was started again, has the limits it began with."""
    before = prlimit(pid, what)
    prlimit(pid, what, (soft, before[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            prlimit(pid, what, before)


def _cut_links(system: Field) -> None:
    system.ground.broker_link.cut()
    system.ground.database_link.speak_again()


def _open(pid: int) -> set[tuple[str, str]]:
    """Each descriptor with what it is of."""
    found = set()
    for each in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            found.add((each.name, str(each.readlink())))
    return found


def _first_free(pid: int) -> int:
    taken = {int(name) for name, _ in _open(pid)}
    return next(number for number in range(len(taken) + 1) if number not in taken)


def _said(system: Field) -> str:
    """What the roles said of themselves, all in one file."""
    return (system.folder / "run.err").read_text(encoding="utf-8", errors="replace")


def _bit(system: Field, account: Account) -> bool:
    return system.notes.get("bit") is True


def starved_cells() -> list[Cell]:
    what = (
        ("no descriptor", "its links cut meanwhile", _without_descriptors, ROLES),
        # The others make do with what they have: only the producer's client needs a new thread.
        ("no memory", "just back, its links cut meanwhile", _without_memory, ("relay",)),
    )
    return [
        Cell(
            f"{role} gets {lack}",
            moment,
            strike(role),
            _bit,
            _PROXIED,
        )
        for lack, moment, strike, struck in what
        for role in struck
    ]
