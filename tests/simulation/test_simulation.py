"""A smoke of the simulation: a few small seeds come right, are the same again, and two planted bugs are noticed."""

import os
import subprocess
import sys

import pytest

from tests.simulation.plants import PLANTS
from tests.simulation.play import Outcome, played

SEEDS = range(8)


def small(seed: int) -> Outcome:
    return played(seed, days=5, orders=1)


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [small(seed) for seed in SEEDS]


def test_whatever_dies_every_alert_is_raised_once_and_told(outcomes: list[Outcome]) -> None:
    assert [each.violation for each in outcomes if each.violation] == []
    bit = {what for each in outcomes for what in each.bit}
    assert bit >= {"died", "killed", "clock stepped", "people: acknowledge"}


def test_a_seed_has_one_history_whatever_python_hashes_by(outcomes: list[Outcome]) -> None:
    again = "from tests.simulation.test_simulation import small; print(small(2).digest)"
    told = subprocess.run(
        [sys.executable, "-c", again],
        env=os.environ | {"PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == outcomes[2].digest


@pytest.mark.parametrize("name", ["an id for each try", "a sweep by summer time"])
def test_a_planted_bug_is_noticed(name: str) -> None:
    with PLANTS[name]():
        assert any(small(seed).violation for seed in SEEDS)
