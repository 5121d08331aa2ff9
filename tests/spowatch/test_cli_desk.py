"""From an alert to a recorded outcome, at a terminal."""

import json
from datetime import timedelta

import pytest

from domain.desk.outcomes import Question
from domain.desk.steps import STEPS
from domain.open_alerts import open_alerts
from spowatch.cli.desk import _STEPS
from spowatch.cli.output import BAD_INPUT, DONE, REFUSED
from spowatch.wiring.store import now, opened, throw_away
from spowatch.wording.desk_rows import case_line, case_row
from tests.spowatch.counter import Counter

OPERATOR = ("--as", "K1001")


@pytest.fixture
def alert(desk: Counter) -> str:
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    first = desk.run("alerts", "list", "--json").json["alerts"][0]
    assert first["kind"] == "BREACH_ARREST"
    return str(first["id"][:8])


def test_every_step_of_the_law_is_a_command() -> None:
    assert set(_STEPS) == set(STEPS)


def test_an_operator_deals_with_an_alert_from_the_keyboard(desk: Counter, alert: str) -> None:
    taken = desk.run("desk", "acknowledge", alert, *OPERATOR)
    assert taken.status == DONE
    assert "acknowledged, with K1001 until " in taken.out
    assert "; the protected person is still to be told, by " in taken.out
    assert "at the latest" in taken.out
    steps = (
        ("task", "--unit", "KA12", "--incident", "22-0145"),
        ("attending", "--unit", "KA12"),
        ("outcome", "--outcome", "arrested", "--reference", "CD/17"),
        ("tell", "--how", "telephone"),
    )
    for step, *options in steps:
        assert desk.run("desk", step, alert, *OPERATOR, *options).status == DONE
    answers = [
        word
        for each in Question
        for word in ("--answers", json.dumps({"question": each, "yes": True, "reference": "C/1"}))
    ]
    closed = desk.run("desk", "close", alert, *OPERATOR, *answers, "--json")
    assert closed.json["stage"] == "closed"
    assert closed.json["owner"] is None


def test_a_force_is_meant_however_it_is_written(desk: Counter, alert: str) -> None:
    unknown = desk.run("desk", "acknowledge", alert, *OPERATOR, "--force", "Nonsense")
    assert (unknown.status, "--force" in unknown.err) == (BAD_INPUT, True)
    assert desk.run("desk", "acknowledge", alert, *OPERATOR, "--force", "kent").status == DONE
    nobody = ("--to-force", "Nowhere", "--reason", "lives there")
    refused = desk.run("desk", "offer", alert, *OPERATOR, *nobody)
    assert (refused.status, "there is no force of that name" in refused.err) == (BAD_INPUT, True)


def test_a_refusal_says_which_rule(desk: Counter, alert: str) -> None:
    desk.run("desk", "acknowledge", alert, *OPERATOR)
    second = desk.run("desk", "acknowledge", alert, "--as", "K1002")
    assert second.status == REFUSED
    assert "OWNED_BY_ANOTHER" in second.err
    unproven = desk.run("desk", "outcome", alert, *OPERATOR, "--outcome", "arrested")
    assert "REFERENCE_NEEDED" in unproven.err


@pytest.mark.parametrize(
    "words",
    [
        ("outcome", "--outcome", "let-go"),
        ("acknowledge", "--role", "chief"),
        ("grade", "--priority", "9", "--reason", "x"),
        ("task", "--unit", "KA12"),
    ],
)
def test_bad_input_names_the_option(desk: Counter, alert: str, words: tuple[str, ...]) -> None:
    step, *options = words
    answer = desk.run("desk", step, alert, *OPERATOR, *options)
    assert answer.status == BAD_INPUT
    assert "--" in answer.err


def test_the_desk_says_that_it_is_too_late_to_tell_the_protected_person(
    desk: Counter, alert: str
) -> None:
    desk.run("desk", "acknowledge", alert, *OPERATOR)
    with opened(throw_away(desk.directory)) as store:
        (case,) = [each for each in open_alerts(store.register) if str(each.id).startswith(alert)]
        assert case_row(case)["protected_person_due_at"] == case.telling.due_at
        case.advance(now() + timedelta(days=2))
        assert case_row(case)["protected_person_overdue"] is True
        assert case_line(case).endswith("the protected person was not told in time")
