"""`python -m tests.faults split`: the fault matrix of the split system, and the bugs it must notice.

Real PostgreSQL, real Apache Kafka, each role a process. Prints a line a cell, writes all of it to
var/faults-split.json. Exit 1 when anything was lost, doubled, out of order or too late, when a fault
did not bite, for then its cell shows nothing, and when a planted bug was not noticed.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg
from kafka.errors import KafkaError

from deploy.kafka.broker import BrokerFailed
from tests.faults.split import baseline
from tests.faults.split.account import GOAL
from tests.faults.split.cell import SETTLES, STAYS, Cell, Result, run_cell, standing
from tests.faults.split.controls import Control, controls
from tests.faults.split.crashes import NOT_APPLICABLE, crash_cells
from tests.faults.split.every_role import every_role_cells
from tests.faults.split.ground import Ground, ground
from tests.faults.split.losses import loss_cells, small_disk_cells
from tests.faults.split.lossy import lossy_cells
from tests.faults.split.many_kills import kill_rounds
from tests.faults.split.people_outside import people_cells
from tests.faults.split.planting import planted
from tests.faults.split.random_faults import rounds
from tests.faults.split.sheets import sheet_cells
from tests.faults.split.slow_disk import slow_disk_cells
from tests.faults.split.starved import starved_cells
from tests.faults.split.stepped import stepped_cells
from tests.faults.split.strikes import link_cells, role_cells, server_cells, three_broker_cells

_WRITTEN = Path("var/faults-split.json")
_HEAD = ("cell", "moment", "facts", "lost", "double", "order", "alert", "said", "bit", "")
_WIDTHS = (38, 34, 6, 5, 6, 5, 7, 7, 4, 0)
_TURNS = 3
_BASELINE_KILLS = 3
PARTS = (
    "crashes",
    "roles",
    "links",
    "servers",
    "losses",
    "host",
    "all roles",
    "three brokers",
    "small disks",
    "bugs",
    "baseline",
)
"""In the order in which they are run."""
_ENDS = (AssertionError, BrokerFailed, KafkaError, psycopg.Error, OSError)
"""What may end a cell before its end; the next is run all the same."""
_FELT = 0.1
_NOTICED_WITHIN = 15.0
"""Seconds a planted bug has to show itself, where what it does could also come right by itself."""


def main(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    matrix = Matrix(asked.seed)
    matrix.say(_HEAD)
    if asked.cycles:
        matrix.run_all(_named(rounds(asked.cycles), asked.cell or ""))
    elif asked.kills:
        rounds_of = kill_rounds(asked.kills, everybody=not asked.on_the_road)
        matrix.run_all(_named(rounds_of, asked.cell or ""))
    else:
        for part in [asked.part] if asked.part else PARTS:
            matrix.run(part, asked.cell or "")
        for moment, reason in NOT_APPLICABLE.items():
            matrix.say((moment, reason))
    matrix.write()
    if matrix.amiss:
        for each in matrix.amiss:
            print(f"  {each}", file=sys.stderr)
        sys.exit(1)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults split", description=__doc__)
    parser.add_argument("--cell", help="only the cells, and bugs, whose names hold this")
    parser.add_argument("--part", choices=PARTS, help="only these")
    parser.add_argument("--cycles", type=int, default=0, help="so many faults at random instead")
    parser.add_argument("--kills", type=int, default=0, help="so many of each role instead")
    parser.add_argument(
        "--on-the-road", action="store_true", help="only of those between a fact and the console"
    )
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


class Matrix:
    """Runs cells, prints each when it is over, and remembers what was amiss."""

    def __init__(self, seed: int) -> None:
        self.amiss: list[str] = []
        self._seed = seed
        self._cells: list[dict[str, object]] = []
        self._controls: list[dict[str, object]] = []
        self._baseline: dict[str, object] | None = None

    def run(self, part: str, named: str) -> None:
        """Of one part, the cells and bugs whose names hold `named`, each on the servers it needs."""
        if part in _ON_ONE_BROKER:
            self.run_all(_named(_ON_ONE_BROKER[part](), named))
        elif part == "three brokers":
            self.run_all(_named(three_broker_cells(), named), brokers=3)
        elif part == "small disks":
            for small, cell in small_disk_cells().items():
                self.run_all(_named([cell], named), small=small)
        elif part == "bugs":
            self._run_controls([each for each in controls() if named in each.name])
        elif not named:
            self._run_baseline()

    def run_all(self, cells: Sequence[Cell], brokers: int = 1, small: str = "") -> None:
        """A cell that did not come to its end leaves its servers as they are; the next gets others."""
        left = _together(cells)
        while left:
            with _folder() as folder, ground(folder, brokers, small) as servers:
                copy = planted(folder)
                whole = True
                while left and whole:
                    whole = self._run_together(left[0], servers, copy)
                    left = [each for each in left if each]

    def _run_together(self, cells: list[Cell], servers: Ground, copy: Path) -> bool:
        """Cells on one system, taken off the list as they are begun; False where one did not end."""
        first = cells[0]
        rng = Random(f"{self._seed} {first.name}")
        name, before = first.name, None
        try:
            with standing(servers, first, rng, copy if first.crash else None) as system:
                while cells:
                    cell = cells.pop(0)
                    name = cell.name
                    result = run_cell(cell, system, rng, before)
                    before = result.account
                    self._keep(result)
                    if any(not each.startswith("late") for each in result.faults):
                        break  # they would be found again in every cell that follows
        except _ENDS as failure:
            if cells and cells[0] is first:
                cells.pop(0)
            self._did_not_end(name, failure)
            return False
        return True

    def _did_not_end(self, name: str, failure: Exception) -> None:
        self.amiss.append(f"{name}: {failure!r}"[:500])
        self.say((name, f"did not come to its end: {failure!r}"[:120]))

    def _keep(self, result: Result) -> None:
        self._cells.append(result.as_dict())
        self.amiss += [f"{result.name}: {fault}" for fault in result.faults[:5]]
        if not result.bit:
            self.amiss.append(f"{result.name}: void, it did not bite {dict(result.notes)}")
        self.say(_line(result))

    def _run_controls(self, wanted: Sequence[Control]) -> None:
        """Each bug must be noticed; a kill that met nothing of it is struck again, and counted."""
        for control in wanted:
            try:
                turn, result, found = self._noticed(control)
            except _ENDS as failure:
                self._did_not_end(control.name, failure)
                continue
            caught = ("noticed" if result.bit else "VOID") if found else "NOT NOTICED"
            told = {"bug": control.name, "cell": control.cell.name, "noticed": bool(found)}
            told |= {"bit": result.bit, "turns": turn}
            self._controls.append(told | {"faults": list(result.faults[:5])})
            again = f" in turn {turn}" if turn > 1 else ""
            self.say((control.name, f"{caught}{again}: {(found or ['-'])[0]}"[:110]))
            if not (found and result.bit):
                self.amiss.append(f"not noticed: {control.name} {dict(result.notes)}")

    def _noticed(self, control: Control, turn: int = 1) -> tuple[int, Result, list[str]]:
        with _folder() as folder, ground(folder) as servers:
            result = noticed_by(control, servers, folder, self._seed + turn - 1)
        found = [each for each in result.faults if each.startswith(control.notices)]
        if (found and result.bit) or turn == _TURNS:
            return turn, result, found
        return self._noticed(control, turn + 1)

    def _run_baseline(self) -> None:
        with _folder() as folder, ground(folder) as servers:
            rng = Random(self._seed)
            outcome = baseline.measured(servers.kafka, folder, rng, _BASELINE_KILLS)
        self._baseline = outcome.as_dict()
        self.say(("baseline", json.dumps(self._baseline)))

    def say(self, columns: Sequence[str]) -> None:
        cells = [text.ljust(width) for text, width in zip(columns, _WIDTHS, strict=False)]
        print(" ".join(cells).rstrip(), flush=True)

    def write(self) -> None:
        _WRITTEN.parent.mkdir(exist_ok=True)
        told = {
            "seed": self._seed,
            "cells": self._cells,
            "controls": self._controls,
            "baseline": self._baseline,
            "amiss": self.amiss,
        }
        _WRITTEN.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        print(f"{len(self._cells)} cells, {len(self._controls)} bugs; {_WRITTEN}")


def noticed_by(control: Control, servers: Ground, folder: Path, seed: int) -> Result:
    """The cell on the program with the bug in it."""
    rng = Random(f"{seed} {control.name}")
    copy = planted(folder, control.bug)
    patience = SETTLES if control.notices.startswith(STAYS) else _NOTICED_WITHIN
    with standing(servers, control.cell, rng, copy) as system:
        return run_cell(control.cell, system, rng, patience=patience)


def _line(result: Result) -> tuple[str, ...]:
    found = result.as_dict()
    late, said = result.account.worst, max(result.account.said_late, default=0.0)
    over = "*" if late > GOAL else ""
    verdict = "" if result.good else "AMISS"
    return (
        result.name,
        result.moment,
        str(found["facts"]),
        str(found["lost"]),
        str(found["duplicate"]),
        str(found["out_of_order"]),
        f"{late:.2f}{over}",
        f"{said:.2f}",
        "yes" if result.bit else "NO",
        f"{verdict} {_noted(result)}",
    )


def _noted(result: Result) -> str:
    found = result.account
    held_up = round(found.held_up, 2) if found.held_up > _FELT else 0
    counted = {"copies": found.copies, "republished": found.republished, "machine held up": held_up}
    told = {
        name: value
        for name, value in {**result.notes, **counted}.items()
        if value and name != "bit"
    }
    return ", ".join(f"{name} {value}" for name, value in told.items())


def _together(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Those that may share a system, in their order."""
    groups: dict[tuple[object, ...], list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.stands_on, []).append(cell)
    return list(groups.values())


def _named(cells: Sequence[Cell], named: str) -> list[Cell]:
    return [each for each in cells if named in each.name]


_ON_ONE_BROKER: Mapping[str, Callable[[], list[Cell]]] = {
    "crashes": crash_cells,
    "roles": lambda: [*role_cells(), *sheet_cells()],
    "links": lambda: [*link_cells(), *lossy_cells()],
    "servers": lambda: [*server_cells(), *slow_disk_cells()],
    "losses": loss_cells,
    "host": lambda: [*starved_cells(), *stepped_cells()],
    "all roles": lambda: [*every_role_cells(), *people_cells()],
}


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="split-") as folder:
        yield Path(folder)
