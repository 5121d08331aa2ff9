"""Statistics: every figure can be found again, and none points to a person."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from projections.disclosure import publishable, publishable_total
from projections.statistics import Figures, Measure, OrderFacts, figures
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from tests.projections.runners.reading import brought_up, made_anew, rows_of
from tests.stories import (
    breach,
    fact,
    served_order,
    store_at,
    tell,
    unnotified_order,
    work_until_idle,
)

STATISTICS = SheetName.STATISTICS
FIRST, LAST = date(2026, 1, 1), date(2040, 12, 31)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as made:
        yield made


def counted(store: Store, first: date = FIRST, last: date = LAST) -> Figures:
    with brought_up(store, STATISTICS) as sheet:
        return figures(sheet, first, last)


def kent(store: Store, *period: date) -> dict[str, int]:
    """What is not nought."""
    return {str(m): n for m, n in counted(store, *period).by_force["Kent"].items() if n}


def test_what_happened_is_counted_once_on_its_own_day(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), breach(incident="one"), breach(incident="two"), force="Kent")  # fmt: skip
    tell(store, "KENT-1", breach(incident="two", condition="P-ZONE-DIST", t="2026-12-05T22:00:00+00:00"))  # fmt: skip
    assert kent(store) == {
        "applied": 1, "full_made": 1, "served": 1, "notified": 1, "breaches": 2,
    }  # fmt: skip
    assert kent(store, date(2026, 11, 20), date(2026, 11, 20)) == {"full_made": 1, "served": 1}
    assert kent(store, date(2026, 12, 5), date(2026, 12, 5)) == {"breaches": 2}
    assert kent(store, date(2026, 12, 6), LAST) == {}


def test_what_was_retracted_is_not_counted(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), breach(incident="one"), force="Kent")
    retracted = fact("BreachRetracted", "2026-12-06T11:00:00+00:00", incident="one")
    assert kent(store)["breaches"] == 1
    tell(store, "KENT-1", retracted)
    assert "breaches" not in kent(store)


def test_what_the_clock_brings_is_counted_once_it_is_on_record(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        long_ago = json.loads(json.dumps(unnotified_order()).replace("2026-", "2020-"))
        long_ago[1]["data"]["last_day"] = "2023-11-19"
        tell(store, "KENT-1", *long_ago, force="Kent", now=datetime(2020, 11, 20, 16, tzinfo=UTC))
        before = counted(store, date(2020, 1, 1), date(2023, 11, 19))
        assert before.by_force["Kent"][Measure.NOTIFICATION_MISSED] == 0
        work_until_idle(store, "sweep")
        after = counted(store, date(2020, 1, 1), date(2023, 11, 19))
        assert after.by_force["Kent"][Measure.NOTIFICATION_MISSED] == 1
        assert after.by_force["Kent"][Measure.EXPIRED] == 1
        assert counted(store, date(2020, 1, 1), date(2023, 11, 18)).total[Measure.EXPIRED] == 0


def test_the_same_log_gives_the_same_figures(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), force="Kent")
    first = counted(store)
    made_anew(store, STATISTICS)
    assert counted(store) == first
    tell(store, "KENT-1", breach())
    assert counted(store).position > first.position


def test_the_statistics_made_anew_are_those_that_were_kept_up(any_store: Store) -> None:
    lives = [served_order(), unnotified_order(), [*served_order(), breach(), breach(incident="x")]]
    for number, facts in enumerate(lives):
        for each in facts:
            tell(any_store, f"KENT-{number}", each, force="Kent", person=f"P{number}")
            rows_of(any_store, STATISTICS)
    before = rows_of(any_store, STATISTICS)
    assert len(before) == 3
    assert made_anew(any_store, STATISTICS) == (0, before)


def test_every_life_of_the_law_made_anew_is_the_same(lives: Store) -> None:
    rows = [OrderFacts(*row) for row in rows_of(lives, STATISTICS)]
    assert len(rows) > 100
    assert {m for row in rows for m in row.days} >= set(Measure) - {
        Measure.CHARGED,
        Measure.WITHDRAWN,
    }
    assert made_anew(lives, STATISTICS)[0] == 0


def test_how_long_it_took_can_be_told(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), force="Kent")
    ((row,),) = [[OrderFacts(*row) for row in rows_of(store, STATISTICS)]]
    days = (row.applied_on, row.full_made_on, row.served_on)
    assert days == (date(2026, 10, 1), date(2026, 11, 20), date(2026, 11, 20))


def test_nobody_and_no_reference_is_in_it(store: Store) -> None:
    tell(store, "KENT-1", *served_order(), breach(narrative="at 12 Hidden Lane"))
    told = repr(rows_of(store, STATISTICS))
    for word in ("KENT-1", "Alan", "Example", "Vera", "Sample", "Chatham", "Hidden"):
        assert word not in told


def made_of(**counts: int) -> Figures:
    by_force: Any = {f: dict.fromkeys(Measure, n) for f, n in counts.items()}
    return Figures(FIRST, LAST, 1, "", by_force)


def test_a_count_that_points_to_somebody_is_withheld_and_every_other_rounded() -> None:
    told = publishable(made_of(Kent=4, Essex=1, Surrey=0, Sussex=12, Cumbria=13, Avon=5))
    found = {force: of[Measure.APPLIED] for force, of in told.items()}
    assert found == {
        "Kent": None, "Essex": None, "Surrey": 0, "Sussex": 10, "Cumbria": 15, "Avon": 5,
    }  # fmt: skip


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_a_count_withheld_cannot_be_worked_out_from_the_total(small: int) -> None:
    """Whichever it was, what is published is one of few sums that others give as well."""
    totals = {
        publishable_total(made_of(Kent=small, Sussex=other))[Measure.APPLIED]
        for other in range(8, 13)  # published as 10
    }
    others = {
        publishable_total(made_of(Kent=each, Sussex=other))[Measure.APPLIED]
        for each in {1, 2, 3, 4} - {small}
        for other in range(8, 13)
    }
    assert totals <= others


def test_a_total_that_is_small_is_withheld_too() -> None:
    assert publishable_total(made_of(Kent=3))[Measure.APPLIED] is None
    assert publishable_total(made_of(Kent=0))[Measure.APPLIED] == 0
