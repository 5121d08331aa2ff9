import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from spowatch.cli.app import app
from spowatch.cli.output import BAD_INPUT, DONE
from tests.stories import served_order, store_at, tell

PERIOD = ("--from", "2026-01-01", "--to", "2026-12-31")


def asked(directory: Path, *options: str) -> Any:
    line = ["statistics", *PERIOD, *options, "--data-dir", str(directory)]
    said = CliRunner().invoke(app, line, catch_exceptions=False)
    assert said.exit_code == DONE, said.output
    return said.stdout


def filled(directory: Path, orders: int = 6) -> None:
    with store_at(directory) as store:
        for number in range(orders):
            tell(store, f"KENT-{number}", *served_order(), force="Kent", person=f"P{number}")
        tell(store, "ESSEX-1", *served_order(), force="Essex", person="P9")


def test_what_is_published_is_rounded_and_small_counts_are_withheld(tmp_path: Path) -> None:
    filled(tmp_path)
    said = asked(tmp_path)
    assert "Kent: applied 5, full made 5" in said
    assert "Essex: applied c, full made c" in said
    assert "All forces: applied 5" in said


def test_the_exact_figures_say_that_they_are(tmp_path: Path) -> None:
    filled(tmp_path)
    told = json.loads(asked(tmp_path, "--exact", "--json"))
    assert told["exact"]
    assert told["by_force"]["Kent"]["applied"] == 6
    assert told["total"]["applied"] == 7
    assert told["position"] > 0


def test_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    assert asked(tmp_path, "--json") == asked(tmp_path, "--json")


def test_what_is_no_day_is_named(tmp_path: Path) -> None:
    with store_at(tmp_path):
        line = [
            "statistics",
            "--from",
            "1/1/2026",
            "--to",
            "2026-12-31",
            "--data-dir",
            str(tmp_path),
        ]
    said = CliRunner().invoke(app, line)
    assert said.exit_code == BAD_INPUT
    assert "--from" in said.stderr
    assert "2026-01-31" in said.stderr


def test_a_period_that_ends_before_it_begins_has_no_figures(tmp_path: Path) -> None:
    """It had answered that nothing happened."""
    backwards = ["--from", "2026-12-31", "--to", "2026-01-01"]
    said = CliRunner().invoke(app, ["statistics", *backwards, "--data-dir", str(tmp_path)])
    assert said.exit_code == BAD_INPUT
    assert "--to: 2026-01-01 is before 2026-12-31" in said.stderr
