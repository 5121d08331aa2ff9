from domain.desk.routing import Route, route
from domain.facts.breaches import BreachReported
from tests.domain.desk.desk_stories import after


def reported(place: str | None) -> BreachReported:
    return BreachReported(occurred_at=after(), condition="P-ZONE-DIST", place=place)


def test_the_force_of_the_incident_answers_and_the_force_of_the_order_knows() -> None:
    assert route("Kent", reported("3 Mill Lane, Colchester")) == Route("Essex", ("Kent",))


def test_where_the_place_is_unknown_the_force_of_the_order_answers() -> None:
    assert route("Kent", reported("somewhere")) == Route("Kent")
    assert route("Kent", reported(None)) == Route("Kent")
    assert route("Kent", None) == Route("Kent")


def test_what_happened_in_scotland_is_answered_by_the_force_of_the_order() -> None:
    assert route("Kent", reported("5 Royal Mile, Edinburgh")) == Route("Kent")
