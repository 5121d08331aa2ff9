"""Looking back: as it was, and as it was known, are two questions."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.events import RecordedEvent
from domain.looking_back import as_it_was, known_by
from domain.notification import DutyState
from domain.orders import StalkingProtectionOrder
from spowatch.log_pages import stream
from tests.stories import Fact, breach, fact, served_order, store_at, tell, unnotified_order

Told = Callable[..., tuple[list[RecordedEvent], StalkingProtectionOrder]]
AFTERWARDS = datetime(2026, 12, 6, 12, 0, tzinfo=UTC)
BEFORE_SERVICE = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
NEXT_DAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LONG_AFTER = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """The order after these facts, and every event of it."""
    with store_at(tmp_path) as store:

        def tells(*facts: Fact) -> tuple[list[RecordedEvent], StalkingProtectionOrder]:
            assert tell(store, "KENT-1", *facts, now=AFTERWARDS).error is None
            order = store.register.order("KENT-1")
            return stream(store, order.id), order

        yield tells


def test_an_order_was_in_force_and_not_served_between_the_two(told: Told) -> None:
    _, order = told(*served_order())
    then = as_it_was(order, BEFORE_SERVICE)
    assert (then.in_force, "unserved" in then.facets, then.duties) == ("full", True, [])
    assert as_it_was(order, BEFORE_SERVICE.replace(month=9)).in_force is None


def test_a_duty_met_later_was_still_open_the_day_before(told: Told) -> None:
    _, order = told(*served_order())
    assert [duty.state for duty in as_it_was(order, NEXT_DAY).duties] == [DutyState.OPEN]
    assert [duty.state for duty in as_it_was(order, LONG_AFTER).duties] == [DutyState.MET]


def test_what_became_known_late_changes_what_is_concluded_of_the_past_and_not_what_was_then(
    told: Told,
) -> None:
    late = dict(served_order()[-1])
    late["data"] = late["data"] | {"recorded_at": "2026-12-01T09:00:00+00:00"}
    recorded, order = told(*unnotified_order(), late)
    as_known_then = known_by(order.id, recorded, LONG_AFTER)
    assert [d.state for d in as_it_was(as_known_then, LONG_AFTER).duties] == [DutyState.MISSED]
    assert [d.state for d in as_it_was(order, LONG_AFTER).duties] == [DutyState.MET]


def test_a_breach_retracted_later_is_no_breach_of_the_past_as_it_is_known_now(told: Told) -> None:
    retracted = fact("BreachRetracted", "2026-12-06T08:00:00+00:00", incident="one")
    recorded, order = told(*served_order(), breach(incident="one"), retracted)
    evening = datetime(2026, 12, 5, 23, 0, tzinfo=UTC)
    assert "breached(1)" not in as_it_was(order, evening).facets
    then = known_by(order.id, recorded, evening)
    assert "breached(1)" in as_it_was(then, evening).facets


def test_nothing_was_known_before_the_record_began(told: Told) -> None:
    recorded, order = told(*served_order())
    before = datetime(2020, 1, 1, tzinfo=UTC)
    assert known_by(order.id, recorded, before).version == 0
