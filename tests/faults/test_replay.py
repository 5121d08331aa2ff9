"""A small log read again from its beginning; the full one is `python -m tests.faults replay`."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.replay import Replayed, replayed


def test_everything_read_again_tells_nobody_anything(tmp_path: Path) -> None:
    found = replayed(tmp_path, orders=4, times=1)
    assert found.good, found
    assert found.alerts > 0


@pytest.mark.parametrize("wrong", ["alerts_added", "outward_again", "said_again", "sheets_differ"])
def test_whatever_is_told_again_is_a_failure(wrong: str) -> None:
    good = Replayed(10, 1, 0, 1, 0, 0, 0, 1, 0.1)
    assert good.good
    assert not replace(good, **{wrong: 1}).good
    assert not replace(good, outward=0).good
