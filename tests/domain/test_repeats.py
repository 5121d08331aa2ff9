import pytest
from pydantic import ValidationError

from domain.repeats import STANDARD_REPEATS, Broken, Within, met
from tests.domain.desk.policies_told import book

NONE = {Within.DAY: 0, Within.WEEK: 0, Within.MONTH: 0}


def row(within: str, breaches: int, raises_to: int = 1, **more: str) -> dict[str, object]:
    return {"within": within, "breaches": breaches, "raises_to": raises_to} | more


def test_a_first_breach_is_no_pattern() -> None:
    assert not list(met(STANDARD_REPEATS, Broken.PROHIBITION, NONE))


def test_a_longer_time_in_which_nothing_more_happened_is_no_further_reason() -> None:
    earlier = dict.fromkeys(Within, 6)
    assert [reason for _, reason in met(STANDARD_REPEATS, Broken.PROHIBITION, earlier)] == [
        "7 breaches in 24 hours"
    ]


def test_a_policy_may_say_what_a_pattern_is() -> None:
    own = book(repeats=[row("7d", 2, 2), row("30d", 3)])
    reasons = met(own.repeats, Broken.PROHIBITION, NONE | {Within.WEEK: 1, Within.MONTH: 4})
    assert [(each.raises_to, reason) for each, reason in reasons] == [
        (2, "2 breaches in 7 days"),
        (1, "5 breaches in 30 days"),
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "at least 1 item"),
        ([row("24h", 1)], "greater than or equal to 2"),
        ([row("24h", 2, 4)], "less than or equal to 3"),
        ([row("1h", 2)], "'24h', '7d' or '30d'"),
        ([row("24h", 3), row("7d", 2)], "3 breaches of a prohibition in 24 hours can never decide"),
        ([row("24h", 2), row("24h", 2)], "can never decide"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(rows: list[dict[str, object]], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        book(repeats=rows)
    assert said in str(refused.value)
