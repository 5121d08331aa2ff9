from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.faults.clock_account import Account, Watched
from tests.faults.clock_jumps import JUMPS
from tests.faults.clock_run import watch
from tests.faults.faked_clock import NoFakedClock, preloadable
from tests.faults.falling_due import never_notified
from tests.faults.lookout import Sighting
from tests.faults.planted_sweeps import PLANTS, site_with
from tests.faults.processes import Site

FEW = ("+3 h", "-1 h")
BUSY = 60.0
"""Seconds: here a deadline is silent when it is never raised; how soon it is, the command says."""
_HOUR = timedelta(hours=1)


def test_nothing_is_early_silent_or_twice_when_the_clock_jumps(tmp_path: Path) -> None:
    accounts = jumped(tmp_path)
    assert [fault for each in accounts for fault in each.faults] == []
    assert [each.deadlines for each in accounts] == [6, 9]
    assert not any(each.plain["in time"] for each in accounts), "a timer alone keeps none"


def jumped(folder: Path) -> list[Account]:
    """What came of a few jumps, all at once: they wait more than they compute."""
    try:
        preloadable()
    except NoFakedClock as absent:
        pytest.skip(str(absent))
    jumps = [each for each in JUMPS if each.name in FEW]
    sites = [Site(folder / str(number)) for number in range(len(jumps))]
    with ThreadPoolExecutor(len(jumps)) as pool:
        each = [0.0] * len(jumps), [BUSY] * len(jumps)
        return list(pool.map(watch, jumps, sites, *each))


def in_good_order() -> Account:
    """Two orders, each found and alerted once, half a second after the clock passed their instant."""
    due = [never_notified(order, date(2026, 3, 29)) for order in ("A", "B")]
    seen = [Sighting(each.moment, each.at, each.at + _HOUR, 100.5) for each in due]
    watched = Watched(
        told={each.moment for each in due},
        passed={each.moment: 100.0 for each in due},
        seen=seen,
        alerts=[(each.order, each.at) for each in due],
        exit_status=0,
    )
    return Account("+3 h", watched, Counter())


def unseen(seen: list[Sighting]) -> list[Sighting]:
    return seen[1:]


def seen_twice(seen: list[Sighting]) -> list[Sighting]:
    return [*seen, seen[0]]


def seen_too_soon(seen: list[Sighting]) -> list[Sighting]:
    return [replace(seen[0], clock=seen[0].clock - 4 * _HOUR), *seen[1:]]


def written_too_soon(seen: list[Sighting]) -> list[Sighting]:
    return [replace(seen[0], written=seen[0].written - 4 * _HOUR), *seen[1:]]


def seen_late(seen: list[Sighting]) -> list[Sighting]:
    return [replace(seen[0], seen=seen[0].seen + 5), *seen[1:]]


def of_another_day(seen: list[Sighting]) -> list[Sighting]:
    order, topic, due_at = seen[0].moment
    return [replace(seen[0], moment=(order, topic, due_at - _HOUR)), *seen[1:]]


@pytest.mark.parametrize(
    ("tampered", "shows"),
    [
        (unseen, "silent"),
        (seen_late, "silent"),
        (seen_twice, "twice"),
        (seen_too_soon, "early"),
        (written_too_soon, "early"),
        (of_another_day, "unexpected"),
        (of_another_day, "unalerted"),
    ],
)
def test_the_count_notices_a_sweep_that_is_wrong(
    tampered: Callable[[list[Sighting]], list[Sighting]], shows: str
) -> None:
    good = in_good_order()
    assert good.faults == []
    wrong = replace(good, watched=replace(good.watched, seen=tampered(list(good.watched.seen))))
    assert getattr(wrong, shows)


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_each_bug_can_still_be_planted_in_the_sweep(plant: str, tmp_path: Path) -> None:
    assert site_with(tmp_path, plant).cwd
