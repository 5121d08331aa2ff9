"""One breach that the desk left out; many of them are `python -m tests.faults gaps`."""

from dataclasses import replace
from pathlib import Path

from tests.faults.gaps import IN_TIME, Gaps, seeded

SOON = 60.0
"""Seconds; how soon on a quiet machine is the command's to say."""


def test_a_breach_that_the_desk_passed_without_an_alert_is_raised_once(tmp_path: Path) -> None:
    found = seeded(tmp_path, orders=1, gaps=1)
    assert (found.found, found.gaps) == (1, 1)
    assert found.worst_s < SOON


def test_one_that_is_missing_or_late_is_a_failure() -> None:
    good = Gaps(events=10, gaps=2, found=2, median_s=1.6, worst_s=1.7, load=0.1)
    assert good.good
    assert not replace(good, found=1).good
    assert not replace(good, worst_s=IN_TIME + 0.1).good
