"""The cell in which the sheets' keeper is killed: afterwards each sheet must be what the log makes of it."""

import json
from random import Random

from tests.faults.split.account import Account
from tests.faults.split.cell import Cell
from tests.faults.split.field import ROLES, Arrangement, Field
from tests.faults.split.strikes import role_killed_often
from tests.program import run

PROJECT = "project"
_TRIES = 5


def sheet_cells() -> list[Cell]:
    arrangement = Arrangement(roles=(*ROLES, PROJECT))
    return [
        Cell(
            f"{PROJECT} killed again and again",
            "U(0.9, 1.8) s",
            _killed_often,
            _died_and_its_sheets_were_compared,
            arrangement,
        )
    ]


def _killed_often(system: Field, rng: Random) -> None:
    role_killed_often(PROJECT)(system, rng)


def _died_and_its_sheets_were_compared(system: Field, account: Account) -> bool:
    compared = _compared(system)
    system.notes["sheets_compared"] = len(compared)
    system.amiss += [f"sheet: {name} differs by {rows}" for name, rows in compared.items() if rows]
    return -9 in system.roles[PROJECT].exits and None not in compared.values() and bool(compared)


def _compared(system: Field) -> dict[str, int | None]:
    """By how many rows each sheet was other than one made anew; None where it moved meanwhile, in vain tried again."""
    site, found = system.site(), dict[str, int | None]()
    for _ in range(_TRIES):
        made = run(
            "rebuild", "all", "--json", "--data-dir", str(site.store), settings=site.settings
        )
        told = json.loads(made.stdout)
        # What differed once was put right by that.
        now = {name: each["differed"] for name, each in told.items() if "differed" in each}
        found = {name: found.get(name) or differed for name, differed in now.items()}
        if None not in found.values():
            break
    return found
