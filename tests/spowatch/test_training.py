"""Training: a month by a clock of its own, the same every time, and never taken for the real thing."""

import threading
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spowatch.cli.app import app
from spowatch.cli.output import WATERMARK
from spowatch.doctor.inspection import exported
from spowatch.training import Training, misses_since
from spowatch.wiring.store import opened, throw_away

START = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)
DAYS = 3
"""The night of 25 October, on which the clocks go back, lies in them. Alerts that nobody answers are told of again
and again: twice the days are five times the work."""
AFTER_THE_CHANGE = datetime(2026, 10, 26, 0, 0, tzinfo=UTC)


def play(directory: Path) -> str:
    """The account given at the end."""
    with redirect_stdout(StringIO()) as said:
        Training(directory, orders=16, seed=7, speed=1e9).play(threading.Event(), START, DAYS)
    return said.getvalue().splitlines()[-1]


def log_of(directory: Path) -> list[dict[str, object]]:
    with opened(throw_away(directory)) as store:
        return list(exported(store, start=1))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    directory = tmp_path_factory.mktemp("played")
    return directory, play(directory)


def test_every_miss_of_the_days_played_is_raised_at_local_midnight(
    played: tuple[Path, str],
) -> None:
    directory, account = played
    words = account.split(": ")[1].split(" ")
    missed, at_midnight = int(words[0]), int(words[6])
    assert missed == at_midnight > 0
    assert "0 raised early, the latest 0 s after" in account
    with opened(throw_away(directory)) as store:
        assert AFTER_THE_CHANGE in {due for due, _ in misses_since(store, START)}


def test_the_same_days_played_twice_leave_the_same_log(
    played: tuple[Path, str], tmp_path: Path
) -> None:
    first, _ = played
    play(tmp_path)
    assert log_of(first) == log_of(tmp_path) != []


def test_no_role_acts_on_a_training_store_and_every_command_says_what_it_is(
    played: tuple[Path, str],
) -> None:
    directory, _ = played
    refused = CliRunner().invoke(app, ["run", "--data-dir", str(directory)])
    assert refused.exit_code == 1
    assert "is a training store" in refused.stderr
    listed = CliRunner().invoke(app, ["alerts", "list", "--data-dir", str(directory)])
    assert listed.exit_code == 0
    assert WATERMARK in listed.stderr


def test_told_to_stop_it_stops(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    Training(tmp_path, orders=5, seed=1, speed=1.0).play(stop, START, 30)
