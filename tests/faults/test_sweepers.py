from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.faults.falling_due import never_notified
from tests.faults.lookout import Sighting
from tests.faults.processes import Site
from tests.faults.sweepers import campaign
from tests.faults.sweepers_outcome import Outcome, Tally

FEW = ("kill", "lock the sheet", "kill", "freeze")
_DAY = timedelta(days=1)


def test_every_deadline_is_raised_once_whatever_befalls_a_sweeper(tmp_path: Path) -> None:
    rng = Random(5)
    outcome = campaign(Site(tmp_path), FEW, rng)
    assert outcome.faults == []
    assert outcome.tally.bit.total()
    assert len(outcome.expected) > 400


def in_good_order() -> Outcome:
    """Two orders, each found once and in time."""
    due = [never_notified(order, date(2026, 3, 29)) for order in ("A", "B")]
    return Outcome(
        expected={each.moment for each in due},
        recorded=[each.moment for each in due],
        seen=[Sighting(each.moment, each.at, each.at, 100.0) for each in due],
        tally=Tally(),
    )


def lost(outcome: Outcome) -> Outcome:
    return replace(outcome, recorded=outcome.recorded[1:])


def doubled(outcome: Outcome) -> Outcome:
    return replace(outcome, recorded=[*outcome.recorded, outcome.recorded[0]])


def of_another_day(outcome: Outcome) -> Outcome:
    order, topic, due_at = outcome.recorded[0]
    return replace(outcome, recorded=[(order, topic, due_at + _DAY), *outcome.recorded])


def seen_too_soon(outcome: Outcome) -> Outcome:
    _, _, due_at = outcome.seen[0].moment
    early = replace(outcome.seen[0], clock=due_at - timedelta(seconds=0.1))
    return replace(outcome, seen=[early, *outcome.seen])


def written_too_soon(outcome: Outcome) -> Outcome:
    _, _, due_at = outcome.seen[0].moment
    early = replace(outcome.seen[0], written=due_at - timedelta(seconds=0.1))
    return replace(outcome, seen=[early, *outcome.seen])


@pytest.mark.parametrize(
    ("tampered", "shows"),
    [
        (lost, "lost"),
        (doubled, "double"),
        (of_another_day, "unexpected"),
        (seen_too_soon, "early"),
        (written_too_soon, "early"),
    ],
)
def test_the_count_notices_what_sweepers_did_wrong(
    tampered: Callable[[Outcome], Outcome], shows: str
) -> None:
    good = in_good_order()
    assert good.faults == []
    assert getattr(tampered(good), shows)


def test_a_fault_that_never_met_a_deadline_is_named() -> None:
    felt = Tally(struck=Counter(kill=3, freeze=1), bit=Counter(kill=2))
    assert replace(in_good_order(), tally=felt).never_bit == ["freeze"]
