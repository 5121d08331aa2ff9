"""Training: a month by a clock of its own, the same every time, and never taken for the real thing."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spowatch.cli.app import app
from spowatch.cli.output import WATERMARK
from spowatch.inspection import exported
from spowatch.training import Training
from spowatch.wiring import opened, throw_away

START = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
"""The night of 25 October, on which the clocks go back, lies in the days played."""


def played(directory: Path) -> list[dict[str, object]]:
    Training(directory, orders=25, seed=2026, speed=1e9).play(threading.Event(), START, 9)
    with opened(throw_away(directory)) as store:
        return list(exported(store, start=1))


def test_every_miss_of_the_days_played_is_raised_at_local_midnight(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played(tmp_path)
    account = capsys.readouterr().out.splitlines()[-1]
    words = account.split(": ")[1].split(" ")
    missed, at_midnight = int(words[0]), int(words[6])
    assert missed == at_midnight > 0
    assert "0 raised early, the latest 0 s after" in account


def test_the_same_days_played_twice_leave_the_same_log(tmp_path: Path) -> None:
    assert played(tmp_path / "first") == played(tmp_path / "second")


def test_no_role_acts_on_a_training_store_and_every_command_says_what_it_is(
    tmp_path: Path,
) -> None:
    played(tmp_path)
    refused = CliRunner().invoke(app, ["run", "--data-dir", str(tmp_path)])
    assert refused.exit_code == 1
    assert "is a training store" in refused.stderr
    listed = CliRunner().invoke(app, ["alerts", "list", "--data-dir", str(tmp_path)])
    assert listed.exit_code == 0
    assert WATERMARK in listed.stderr


def test_told_to_stop_it_stops(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    Training(tmp_path, orders=5, seed=1, speed=1.0).play(stop, START, 30)
