from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from domain.alerts import Priority
from domain.desk.hands import DeskRole
from domain.desk.policies import STANDARD
from domain.desk.policy_book import STANDARD_BOOK
from domain.desk.reachability import unreachable
from tests.domain.desk.policies_told import book, kent

FAST = {
    "version": 3,
    "steps": [{"after": 30, "tells": "supervisor"}],
    "repeat": 60,
    "lease": 300,
    "tell_protected_within": 600,
}
AT = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)


def test_a_forces_own_policy_comes_before_the_books_and_that_before_the_standard_one() -> None:
    told = book(kent(policies={"immediate": FAST}), policies={"prompt": FAST})
    assert told.policies_of("Kent")[Priority.IMMEDIATE].steps[0].after == 30
    assert told.policies_of("Kent")[Priority.PROMPT].name == "prompt"
    assert told.policies_of("Kent")[Priority.SOON] == STANDARD[Priority.SOON]
    assert told.policies_of("Essex")[Priority.IMMEDIATE] == STANDARD[Priority.IMMEDIATE]


def test_several_forces_may_share_a_desk_and_the_rest_have_one() -> None:
    told = book(
        kent(desk="south-east"), kent(force="Sussex", desk="south-east"), desk_of_others="national"
    )
    assert told.desks_of(["Kent", "Sussex", "Cumbria"]) == ("south-east", "national")
    assert STANDARD_BOOK.desk_of("Cumbria") == "Cumbria"


def test_who_is_on_duty_is_told_with_how_they_are_reached() -> None:
    (spoc,) = book().on_duty("Kent", DeskRole.SPOC, AT)
    assert (spoc.staff, spoc.methods[0].address.get_secret_value()) == ("K4", "k4@kent.example")
    assert list(book().on_duty("Essex", DeskRole.SPOC, AT)) == []


def test_a_book_that_reaches_everybody_is_taken() -> None:
    assert unreachable(book()) == []


def test_a_step_that_would_not_reach_somebody_names_them() -> None:
    people = kent()["people"] | {"K4": []}
    lines = unreachable(book(kent(people=people)))
    assert lines == [
        "Kent: step 2 of immediate tells the spoc, and K4 would not be told: no contact method"
    ]


def test_a_step_that_tells_a_role_nobody_has_is_named() -> None:
    shifts = [each for each in kent()["shifts"] if each["role"] != "duty_officer"]
    lines = unreachable(book(kent(shifts=shifts)))
    assert "Kent: step 3 of immediate tells the duty_officer, and nobody ever has" in lines[0]
    assert len(lines) == 2  # the last step of `immediate` and of `prompt`


def test_somebody_on_a_shift_who_is_not_among_the_people_is_named() -> None:
    people = {name: each for name, each in kent()["people"].items() if name != "K1"}
    (line,) = unreachable(book(kent(people=people)))
    assert line.startswith("Kent: K1 is on a shift and not among its people")


@pytest.mark.parametrize(
    ("forces", "changed", "said"),
    [
        ([kent(force="Kentshire")], {}, "there is no such force"),
        ([kent(), kent(force="Kent Police")], {}, "Kent: named twice"),
        ([kent(policies={"at_once": FAST})], {}, "at_once: there are immediate, prompt"),
        ([kent(people={"K1": [{"channel": "text", "address": "07700"}]})], {}, "needs +44"),
        ([kent(people={"K1": [{"channel": "pager", "address": "1"}]})], {}, "'console', 'mail'"),
        ([kent()], {"surprise": 1}, "Extra inputs"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    forces: list[dict[str, object]], changed: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match="1 validation error") as refused:
        book(*forces, **changed)
    assert said in str(refused.value).replace("\\", "")


def test_an_address_is_nowhere_in_what_a_book_says_of_itself() -> None:
    assert "kent.example" not in repr(book()) + str(book().rotas)


def test_a_role_that_priority_1_tells_must_be_filled_unless_the_force_says_otherwise() -> None:
    steps = [{"after": 60, "tells": "supervisor"}, {"after": 60, "tells": "victim_liaison"}]
    told = {"immediate": FAST | {"steps": steps}}
    desk = {"operator", "supervisor", "duty_officer"}
    assert book(kent(policies=told)).rotas["Kent"].must_be_filled == desk | {"victim_liaison"}
    assert book(kent()).rotas["Kent"].must_be_filled == desk | {"spoc"}
    alone = book(kent(policies=told, must_be_filled=["operator"]))
    assert alone.rotas["Kent"].must_be_filled == {"operator"}
