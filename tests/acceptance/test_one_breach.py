from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.case_files import export, new_store, said_on, told_and_raised
from tests.acceptance.systems import bring_in, next_alert, up
from tests.forked_program import run
from tests.program import Program


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return new_store(tmp_path / "store")


@pytest.fixture
def system(store: Path) -> Iterator[Program]:
    with up(store) as program:
        yield program


def console(store: Path) -> list[str]:
    return [each["key"] for each in said_on(store / "console.jsonl")]


def test_a_breach_brought_in_by_one_process_is_one_arrest_alert_in_another(
    store: Path, system: Program
) -> None:
    bring_in(store, "rang at night")
    alert = next_alert(system)
    assert (alert["code"], alert["order"]) == ("BREACH_ARREST", "KENT/1")
    assert console(store) == [f"{alert['alert']}:raised"]
    raised = [row for row in export(store) if row["topic"] == "spo.alert-raised.v1"]
    assert [(row["stream"], row["order"]) for row in raised] == [(alert["alert"], "KENT/1")]


def test_the_same_file_a_second_time_adds_nothing(store: Path, system: Program) -> None:
    file = bring_in(store, "rang at night")
    next_alert(system)
    before = [row["id"] for row in told_and_raised(store)]
    assert run("import", str(file), "--data-dir", str(store)).returncode == 0
    assert [row["id"] for row in told_and_raised(store)] == before


def test_the_system_stops_when_it_is_told(system: Program) -> None:
    """In a second or two; on a busy machine that may be many, and nothing is ended by force."""
    assert system.stop() == 0


def test_a_restart_says_nothing_again(store: Path, system: Program) -> None:
    bring_in(store, "first")
    first = next_alert(system)
    assert system.stop() == 0
    with up(store) as restarted:
        bring_in(store, "first", "second")
        second = next_alert(restarted)
    assert second["alert"] != first["alert"]
    assert Counter(each for each in console(store) if each.endswith(":raised")) == Counter(
        [f"{first['alert']}:raised", f"{second['alert']}:raised"]
    )


def test_a_breach_that_came_in_while_nobody_watched_is_told_at_the_start(store: Path) -> None:
    bring_in(store, "overnight")
    with Program("run", "--data-dir", str(store)) as system:
        assert next_alert(system)["code"] == "BREACH_ARREST"


def test_with_the_desk_frozen_the_alert_comes_by_the_other_road(store: Path) -> None:
    with up(store, "alert") as desk, up(store, "reconcile", "deliver") as others:
        desk.freeze()
        bring_in(store, "rang at night")
        alert = next_alert(others)
        desk.thaw()
        assert desk.stop() == 0
    assert console(store) == [f"{alert['alert']}:raised"]
