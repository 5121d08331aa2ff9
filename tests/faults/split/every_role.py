"""The cells in which each role that no other cell strikes is killed and frozen, with all of them running."""

import json
from collections.abc import Callable
from random import Random
from time import monotonic, sleep

from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import SETTLES, Cell
from tests.faults.split.field import EVERY_ROLE, LANES, ROLES, Arrangement, Field
from tests.faults.split.strikes import DOWN, role_frozen, role_killed
from tests.faults.split.traces import rows_of
from tests.program import run

Look = Callable[[Field], None]
"""Adds what it finds to the faults of the cell."""
_EVERYBODY = Arrangement(roles=EVERY_ROLE)
_ASIDE = tuple(each for each in EVERY_ROLE if each not in ROLES)


def _some_killed_at_once(system: Field, rng: Random) -> None:
    """Again and again a few, drawn from all there are."""
    drawn: list[str] = []
    for _ in range(6):
        few = rng.sample(EVERY_ROLE, rng.choice((2, 3, 5)))
        for role in few:
            system.roles[role].kill()
        drawn += few
        sleep(rng.uniform(0.9, 1.8))
    system.wait_until_ready()
    system.notes["killed"] = len(drawn)


def looked_after(system: Field) -> None:
    """Beside the account: the seal holds, and everything that was raised has been told outside."""
    site = system.site()
    verified = run("verify", "--data-dir", str(site.store), settings=site.settings)
    if verified.returncode:
        system.amiss.append(
            f"seal: {verified.stdout.strip()[:200]} {verified.stderr.strip()[:200]}"
        )
    untold = _untold(system)
    system.amiss += [f"missing: {alert} was never told outside" for alert in untold]
    system.notes["told_outside"] = len(_told_outside(system))


def _untold(system: Field) -> set[str]:
    """Alerts that stand; one that was withdrawn before it could be sent need not be."""
    rows = rows_of(system.place.administrator)
    withdrawn = {row.entry.stream for row in rows if row.entry.topic == "spo.alert-withdrawn.v1"}
    raised = {row.entry.stream for row in rows if row.entry.topic == "spo.alert-raised.v1"}
    deadline = monotonic() + SETTLES
    while (left := raised - withdrawn - _told_outside(system)) and monotonic() < deadline:
        sleep(0.2)
    return left


def _told_outside(system: Field) -> set[str]:
    reached = system.receiver.reached if system.receiver is not None else []
    return {json.loads(each.body)["data"]["id"] for each in list(reached)}


def killed(role: str, system: Arrangement, look: Look) -> Cell:
    def died(system: Field, account: Account) -> bool:
        look(system)
        return -9 in system.roles[role].exits

    return Cell(f"{role} killed", f"down {DOWN:.0f} s", role_killed(role), died, system)


def stopped(role: str, system: Arrangement, look: Look) -> Cell:
    def stood_still(system: Field, account: Account) -> bool:
        look(system)
        return system.notes.get("bit") is True

    return Cell(f"{role} frozen", f"{DOWN + 1:.0f} s", role_frozen(role), stood_still, system)


def every_role_cells() -> list[Cell]:
    def many_died(system: Field, account: Account) -> bool:
        looked_after(system)
        return sum(len(each.exits) for each in system.roles.values()) > len(LANES)

    return [
        *(killed(role, _EVERYBODY, looked_after) for role in _ASIDE if role != "project"),
        *(stopped(role, _EVERYBODY, looked_after) for role in (*_ASIDE, "sweep", "intake")),
        Cell(
            *("some of all roles killed", "6 times", _some_killed_at_once, many_died, _EVERYBODY),
            allowed=Allowed(late=True),  # both roads to the alert may be among them
        ),
    ]
