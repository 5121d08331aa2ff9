"""A few cells of the fault matrix, quick enough for every change; the whole is `make faults`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.faults.planted import PlantGone
from tests.faults.split import planting
from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import Cell, Result, run_cell, standing
from tests.faults.split.controls import controls
from tests.faults.split.crashes import crash_cells
from tests.faults.split.field import Arrangement, Field
from tests.faults.split.ground import Ground, ground
from tests.faults.split.losses import loss_cells
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
    next(each for each in loss_cells() if each.name == "topics gone, made again"),
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_every_breach_is_one_alert_whatever_befalls_the_split_system(
    cell: Cell, servers: Ground, tmp_path: Path
) -> None:
    # How late it was is the matrix's to judge: other tests run beside this one.
    lenient = replace(cell, allowed=replace(cell.allowed, late=True))
    rng, copy = Random(3), planted(tmp_path) if cell.crash else None  # noqa: S311
    with standing(servers, cell, rng, copy) as system:
        result = run_cell(lenient, system, rng)
    assert result.faults == []
    assert result.bit, result.notes


def test_a_desk_that_forgets_is_noticed(servers: Ground, tmp_path: Path) -> None:
    control = next(each for each in controls() if each.bug and "bookmark is saved" in each.bug)
    result: Result = noticed_by(control, servers, tmp_path, seed=1)
    assert any(fault.startswith(control.notices) for fault in result.faults)


@pytest.mark.parametrize("bug", [None, *BUGS])
def test_each_moment_and_bug_can_still_be_planted(bug: str | None, tmp_path: Path) -> None:
    copy = planted(tmp_path, bug)
    assert (copy / "crash_here.py").exists()


def test_a_line_that_moved_stops_the_planting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = replace(planting.MOMENTS[0], edits=(("no such line", ""),))
    monkeypatch.setattr(planting, "MOMENTS", (gone,))
    with pytest.raises(PlantGone, match=r"facts\.py"):
        planted(tmp_path)
