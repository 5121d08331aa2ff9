from domain.arranging import history_of
from domain.desk.routing import Route, route
from domain.facts.breaches import BreachReported
from domain.regimes import EW_SPA_2019
from tests.domain.desk.desk_stories import after

NOTHING = history_of([], EW_SPA_2019)


def reported(place: str | None) -> BreachReported:
    return BreachReported(occurred_at=after(), condition="P-ZONE-DIST", place=place)


def test_the_force_of_the_incident_answers_and_the_force_of_the_order_knows() -> None:
    assert route("Kent", NOTHING, reported("3 Mill Lane, Colchester")) == Route("Essex", ("Kent",))


def test_where_the_place_is_unknown_the_force_of_the_order_answers() -> None:
    assert route("Kent", NOTHING, reported("somewhere")) == Route("Kent")
    assert route("Kent", NOTHING, reported(None)) == Route("Kent")
    assert route("Kent", NOTHING, None) == Route("Kent")


def test_what_happened_in_scotland_is_answered_by_the_force_of_the_order() -> None:
    assert route("Kent", NOTHING, reported("5 Royal Mile, Edinburgh")) == Route("Kent")
