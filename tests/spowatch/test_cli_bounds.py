"""Dates, days and positions that nobody can mean are bad input in words, and no traceback."""

import pytest
from typer.testing import CliRunner

from spowatch.cli.app import app
from spowatch.cli.output import BAD_INPUT, DONE, LAST_POSITION
from spowatch.policy_file import EXAMPLE
from tests.spowatch.counter import Counter

CHECK = ("policy", "check", str(EXAMPLE), "--from")
WHO = ("policy", "who", str(EXAMPLE), "--force", "Kent", "--from")


@pytest.mark.parametrize("asked", [CHECK, WHO])
@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31T23:59"])
def test_a_rota_is_looked_at_for_days_that_can_be_meant(asked: tuple[str, ...], day: str) -> None:
    said = CliRunner().invoke(app, [*asked, day], catch_exceptions=False)
    assert said.exit_code == BAD_INPUT
    assert said.stderr.splitlines() == [
        f"spowatch: --from: {day[:10]} is before 1900 or after 2199; check the year"
    ]


def test_the_last_day_that_can_be_meant_is_looked_at() -> None:
    assert CliRunner().invoke(app, [*WHO, "2199-12-31T23:59"]).exit_code == DONE


@pytest.mark.parametrize(
    ("asked", "beyond"),
    [
        (("export", "--from"), LAST_POSITION + 1),
        (("orders", "list", "--after"), LAST_POSITION + 1),
        (("deadlines", "list", "--days"), 10**10),
        (("digest", "--at"), LAST_POSITION + 1),
        (("digest", "--at"), -1),
    ],
)
def test_a_number_beyond_all_places_and_days_is_named(
    desk: Counter, asked: tuple[str, ...], beyond: int
) -> None:
    said = desk.run(*asked, str(beyond))
    assert said.status == BAD_INPUT
    assert asked[-1] in said.err


@pytest.mark.parametrize(
    "asked", [("export", "--from"), ("orders", "list", "--after"), ("digest", "--at")]
)
def test_past_the_last_position_there_is_nothing(desk: Counter, asked: tuple[str, ...]) -> None:
    assert desk.run(*asked, str(LAST_POSITION)).status == DONE
