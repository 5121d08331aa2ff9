"""The list and the briefing show the priority an alert has now and why, and what it was raised with."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.desk.case import AlertCase
from domain.desk.desk import AlertDesk
from domain.desk.hands import DeskRole, Hand
from domain.desk.steps import SetPriority
from spowatch.briefing.as_recorded import spoken_at
from spowatch.wiring.store import now
from tests.spowatch.counter import Counter

SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")


def lowered(desk: Counter) -> AlertCase:
    """A zone breach, raised as priority 1, that a supervisor made priority 2."""
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    with desk.store() as store:
        step = SetPriority(priority=2, reason="he is in hospital")
        at = AlertDesk(store.register)
        return at.do(desk.alert("BREACH_ARREST"), SUPERVISOR, now(), step)


def test_the_list_shows_the_priority_as_it_is_and_who_set_it(desk: Counter) -> None:
    lowered(desk)
    (row,) = desk.run("alerts", "list", "--json").json["alerts"]
    assert (row["priority"], row["raised_priority"]) == (2, 1)
    assert row["priority_because"] == ["set by K2001"]
    said = desk.run("alerts", "list").out
    assert "  P2  BREACH_ARREST" in said
    assert "(raised P1; set by K2001)" in said
    assert "hospital" not in said


def test_the_briefing_says_both_with_their_reasons(desk: Counter) -> None:
    case = lowered(desk)
    told = desk.run("alerts", "show", str(case.id)).out
    assert "2, because: set by K2001: he is in hospital" in told
    assert "(raised as 1, because: at or near a protected person" in " ".join(told.split())
    assert "P2 BREACH_ARREST" in told


def test_a_sheet_printed_after_it_was_changed_speaks_of_a_later_instant(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    before = _spoken_at(desk)
    lowered(desk)
    assert _spoken_at(desk) > before


def test_one_that_was_never_changed_gives_the_reasons_it_was_raised_with(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    (row,) = desk.run("alerts", "list", "--json").json["alerts"]
    assert row["priority"] == row["raised_priority"] == 1
    assert "at or near a protected person" in row["priority_because"]
    assert "(raised" not in desk.run("alerts", "list").out


def _spoken_at(desk: Counter) -> datetime:
    identity: UUID = desk.alert("BREACH_ARREST")
    with desk.store() as store:
        case = store.register.read(AlertCase(identity))
        assert case.raised is not None
        order = store.register.order_by_id(case.raised.order_id)
        return spoken_at(case, [order], now() + timedelta(seconds=1))
