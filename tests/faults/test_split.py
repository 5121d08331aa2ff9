"""A few cells of the fault matrix, quick enough for every change; the whole is `make faults`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.faults.planted import PlantGone
from tests.faults.split import planting
from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import Cell, run_cell, standing
from tests.faults.split.controls import controls
from tests.faults.split.crashes import crash_cells
from tests.faults.split.field import Arrangement, Field
from tests.faults.split.ground import Ground, ground
from tests.faults.split.planting import BUGS, planted
from tests.faults.split.report import noticed_by
from tests.servers.kafka import or_skip
from tests.servers.postgres import postgres

__all__ = ["postgres"]


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, postgres: object
) -> Iterator[Ground]:
    or_skip(request.config)
    with ground(tmp_path_factory.mktemp("split")) as made:
        yield made


@pytest.fixture(scope="module")
def system(servers: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """One for all cells, with moments to die at; to start it takes longer than any cell."""
    copy = planted(tmp_path_factory.mktemp("copy"))
    with standing(servers, CELLS[0], Random(3), copy) as made:
        yield made


def all_at_once(system: Field, rng: Random) -> None:
    """Writer, relay, desk and console die together, and the broker's links are cut."""
    system.feeders[0].kill()
    for name in ("relay", "alert", "deliver", "reconcile"):
        system.roles[name].kill()
    system.ground.broker_link.cut()


def everybody_died(system: Field, account: Account) -> bool:
    return all(system.roles[name].exits for name in ("relay", "alert", "deliver", "reconcile"))


CELLS = [
    Cell(
        "all at once",
        "",
        all_at_once,
        everybody_died,
        Arrangement(broker_proxied=("relay", "alert")),
        Allowed(late=True),
    ),
    next(each for each in crash_cells() if each.name == "m5 relay killed"),
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_every_breach_is_one_alert_whatever_befalls_the_split_system(
    cell: Cell, system: Field
) -> None:
    # How late it was is the matrix's to judge: other tests run beside this one.
    lenient = replace(cell, allowed=replace(cell.allowed, late=True))
    result = run_cell(lenient, system, Random(3))
    assert result.faults == []
    assert result.bit, result.notes


def test_a_console_that_forgets_is_noticed(servers: Ground, tmp_path: Path) -> None:
    control = next(each for each in controls() if "console forgets" in each.name)
    few = replace(control.cell, arrangement=Arrangement(roles=("alert", "relay", "deliver")))
    bugged = replace(control, cell=few)
    result = noticed_by(bugged, servers, tmp_path, seed=1)
    assert any(fault.startswith(control.notices) for fault in result.faults)
    assert result.bit, result.notes


@pytest.mark.parametrize("bug", [None, *BUGS])
def test_each_moment_and_bug_can_still_be_planted(bug: str | None, tmp_path: Path) -> None:
    copy = planted(tmp_path, bug)
    assert (copy / "crash_here.py").exists()


def test_a_line_that_moved_stops_the_planting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = replace(planting.MOMENTS[0], edits=(("no such line", ""),))
    monkeypatch.setattr(planting, "MOMENTS", (gone,))
    with pytest.raises(PlantGone, match=r"file_import\.py"):
        planted(tmp_path)
