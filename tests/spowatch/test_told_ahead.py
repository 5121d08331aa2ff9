"""A command from the broker, told by a clock that is ahead of ours."""

import json
from datetime import timedelta

from spowatch.intake_facts import tell
from spowatch.wiring.store import now
from tests.spowatch.counter import REF, Counter


def told(desk: Counter, ahead: timedelta) -> str | None:
    """A breach reported at that time; why it cannot be read, if it cannot."""
    data = {"occurred_at": desk.ago(minutes=9), "condition": "P-ZONE-DIST", "incident": "CAD-7"}
    with desk.store() as store:
        breach = {"order": REF, "type": "BreachReported", "data": data}
        line = json.dumps({**breach, "t": (now() + ahead).isoformat()}).encode()
        return tell(store, now, line, once="once-1", order=REF.encode())


def breaches(desk: Counter) -> int:
    with desk.store() as store:
        facts = store.register.order(REF).facts
    return sum(type(each.event).__name__ == "BreachReported" for each in facts)


def test_what_is_told_a_moment_ahead_of_our_clock_is_taken(desk: Counter) -> None:
    desk.order_served()
    assert told(desk, timedelta(milliseconds=400)) is None
    assert breaches(desk) == 1


def test_what_is_told_an_hour_ahead_goes_before_a_person(desk: Counter) -> None:
    desk.order_served()
    assert told(desk, timedelta(hours=1)) == "given[0].t is in the future"
    assert breaches(desk) == 0
