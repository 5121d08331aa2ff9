"""Negative controls: bugs planted one at a time, each of which its cell must notice."""

from dataclasses import dataclass, replace

from tests.faults.split.cell import Cell, without
from tests.faults.split.crashes import crash_cells
from tests.faults.split.losses import loss_cells
from tests.faults.split.sheets import sheet_cells
from tests.faults.split.strikes import link_cells, role_cells, server_cells


@dataclass(frozen=True, slots=True)
class Control:
    """A bug, the cell that must notice it, and how what it notices begins."""

    name: str
    cell: Cell
    notices: str
    bug: str | None = None
    """Planted in the copy; None where the arrangement itself is the bug."""


def controls() -> list[Control]:
    cells = {
        each.name: each
        for make in (crash_cells, role_cells, link_cells, server_cells, loss_cells, sheet_cells)
        for each in make()
    }
    planted = (
        (
            "the cursor moves before the broker has acknowledged",
            "m3 relay killed",
            "not at the broker",
        ),
        (
            "a relay that lost its lease goes on",
            "m2 relay frozen, another took over",
            "sent by an overtaken",
        ),
        ("the desk's bookmark is saved before its alerts", "m7 desk killed", "missing"),
        ("the feed starts where the topic ends", "alert killed", "missing"),
        ("nobody looks for what the broker lost", "topics gone, made again", "not at the broker"),
        ("the producer is not idempotent", "m4 answer lost after the append", "duplicate"),
        ("an alert is named for its delivery", "alert frozen", "duplicate"),
        ("the console forgets what it has said", "m8 console killed", "duplicate"),
        ("a sheet goes on without a row", "project killed again and again", "sheet"),
    )
    alone = {"m7 desk killed", "alert killed"}  # the other road would hide what the desk loses
    found = [
        Control(
            bug, _without_reconciler(cells[name]) if name in alone else cells[name], notices, bug
        )
        for bug, name, notices in planted
    ]
    deaf = _without_reconciler(cells["broker killed"])
    return [*found, Control("no reconciler while the broker is away", deaf, "late")]


def _without_reconciler(cell: Cell) -> Cell:
    arrangement = replace(cell.arrangement, roles=without("reconcile").roles)
    return replace(cell, arrangement=arrangement)
