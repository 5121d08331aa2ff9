"""The pages of the last campaigns and measures: what was printed, how it ended, and by which run."""

import platform
import re
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench import report as measures
from tests.faults import report
from tests.stolen import Stolen

RUN = {
    "at": "2026-11-22T12:00:00+00:00",
    "load": (0.5, 0.4, 0.3),
    "cores": 2,
    "python": "3.11",
    "postgres": "15.18",
    "stolen": 31.4,
}


@pytest.fixture(autouse=True)
def a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs" / "reference").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)


def lost(arguments: Sequence[str]) -> None:
    print("2 lost of", *arguments)
    sys.exit(1)


def content(_arguments: Sequence[str]) -> None:
    print("0 lost")


def test_a_campaign_that_lost_something_says_so_on_the_page_and_still_fails() -> None:
    report.run("kills", content, [])
    with pytest.raises(SystemExit):
        report.run("kills", lost, ["--seed", "7"])
    of_none, of_seed = report.PAGE.read_text().split("\n## ")[1:]
    assert of_none.startswith("`python -m tests.faults kills`")
    assert "exit 0" in of_none
    assert "0 lost" in of_none
    assert of_seed.startswith("`python -m tests.faults kills --seed 7`")
    assert "exit 1" in of_seed
    assert "2 lost of --seed 7" in of_seed


def test_a_page_names_what_its_run_was_made_with() -> None:
    report.run("kills", content, [])
    page = report.PAGE.read_text()
    assert f"python {platform.python_version()}, sqlite {sqlite3.sqlite_version}, postgres " in page
    assert ", kafka 4." in page


def test_a_page_says_what_the_hypervisor_took_meanwhile() -> None:
    report.run("kills", content, [])
    assert re.search(r"load \d+\.\d, \d+ % stolen, with commit", report.PAGE.read_text())


def test_stolen_is_a_share_of_the_processor_time_asked_for(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  100 10 20 5000 400 3 7 50 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
    stolen = Stolen(stat)
    assert stolen.percent() == 0
    stat.write_text("cpu  130 15 30 9000 900 5 10 100 0 0\ncpu0 2 2 2 2 2 2 2 2 0 0\n")
    assert stolen.percent() == 50
    assert Stolen(tmp_path / "none").percent() == 0


def test_what_falls_over_is_no_campaign_that_ended_well() -> None:
    with pytest.raises(ZeroDivisionError):
        report.run("kills", lambda _: print(1 // 0), [])
    assert "exit fell over" in report.PAGE.read_text()


def test_a_measure_taken_again_stands_in_the_place_of_the_earlier_one() -> None:
    figure = {"name": "S5", "unit": "ms", "baseline": 2.0, "goal": "", "samples": [1, 2, 3]}
    for value, commit in ((4.0, "one"), (1.0, "two")):
        measures.keep([figure | {"value": value, "ratio": value / 2}], RUN | {"commit": commit})
    (row,) = [line for line in measures.PAGE.read_text().splitlines() if line.startswith("| S5")]
    assert row.startswith("| S5 | 1.00 | 2.00 | 0.50 | ms |")
    assert "| 0.5, 31 % stolen |" in row
    assert row.endswith("Python 3.11, PostgreSQL 15.18, two |")
