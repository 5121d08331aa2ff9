"""One full disk of three; the others are `python -m tests.faults full`."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.full import IN_TIME, Outcome, filled


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it mounts a small disk")
def test_a_full_disk_under_the_log_refuses_plainly_and_takes_it_when_there_is_space(
    tmp_path: Path,
) -> None:
    found = filled(tmp_path, "log", tried=2)
    assert (found.refused, found.wrong, found.alive) == (2, 0, True)
    assert found.said == "database or disk is full; free space on this disk, then try again"


def test_what_is_lost_late_or_never_refused_is_a_failure() -> None:
    good = Outcome("log", refused=2, taken_after_s=1, alerted_after_s=2, alive=True)
    assert good.good
    assert not replace(good, wrong=1).good
    assert not replace(good, refused=0).good
    assert not replace(good, alive=False).good
    assert not replace(good, alerted_after_s=IN_TIME + 1).good
