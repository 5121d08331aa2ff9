"""Small sheets made anew; both stores, other Pythons and hash seeds are `python -m tests.faults rebuilds`."""

from dataclasses import replace
from pathlib import Path

from spowatch.sheets import digests
from tests.faults.rebuilds import Rebuilt, lived
from tests.faults.rebuilt_apart import rebuilt
from tests.stories import served_order, store_at, tell


def test_a_sheet_made_anew_in_small_pages_is_the_living_one(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        assert lived(store, orders=2) > 20
        living = digests(store)
        assert len(living) == 6
        assert rebuilt(store, 7) == living
        tell(store, "KENT-1", *served_order())
        assert rebuilt(store, 7) != living


def test_one_that_differs_is_a_failure() -> None:
    good = Rebuilt(events=10, sheets=6, rebuilds=12, pythons=["Python 3.11.7"], differ=[])
    assert good.good
    assert not replace(good, differ=["caseload on postgres"]).good
    assert not replace(good, rebuilds=0).good
