from typing import Any

import pytest

from domain.vocabulary import UnreadableFact
from spowatch.what_if import what_if

SERVED = {"t": "2026-11-17T10:15:00Z", "type": "OrderServed", "data": {"order_kind": "full"}}
CASE = {"id": "X-1", "regime": "EW-SPA-2019", "given": [SERVED], "as_of": "2026-11-17T11:00:00Z"}
DEADLINE = "2026-11-20T00:00:00Z"


def case(*given: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return CASE | {"given": list(given)} | changes


@pytest.mark.parametrize(
    ("unreadable", "field"),
    [
        ([], "case"),
        (CASE | {"colour": 1}, "colour"),
        (CASE | {"regime": "FR"}, "regime"),
        (CASE | {"regime": []}, "regime"),
        (CASE | {"regime": {"name": "EW-SPA-2019"}}, "regime"),
        (CASE | {"regime": 2019}, "regime"),
        (CASE | {"order": ["SPO-1"]}, "order"),
        (CASE | {"person": {}}, "person"),
        (CASE | {"force": []}, "force"),
        (CASE | {"force": "Narnia"}, "force"),
        (CASE | {"given": {}}, "given"),
        (CASE | {"as_of": []}, "as_of"),
        (CASE | {"as_of": "soon"}, "as_of"),
        (CASE | {"given": [SERVED, SERVED | {"type": "OrderLost"}]}, "given[1].type"),
    ],
)
def test_a_case_that_cannot_be_read_is_refused_by_name(unreadable: Any, field: str) -> None:
    with pytest.raises(UnreadableFact) as refused:
        what_if(unreadable)
    assert refused.value.field == field


def test_a_case_that_names_its_force_is_answered_as_one_that_does_not() -> None:
    assert what_if(CASE | {"force": "Essex"}) == what_if(CASE)


def test_a_case_without_facts_has_an_order_without_a_story() -> None:
    answer = what_if(case())
    assert (answer["status"], answer["in_force"], answer["duties"]) == ("applied", None, [])


def test_what_becomes_known_later_is_not_known_yet() -> None:
    data = {"order_kind": "full", "recorded_at": "2026-11-18T09:00:00Z"}
    assert what_if(case(SERVED | {"data": data}))["duties"] == []


def test_a_notification_under_one_order_leaves_the_other_owing() -> None:
    both = [SERVED | {"order": reference} for reference in ("SPO-1", "SPO-2")]
    told = {
        "t": "2026-11-18T10:15:00Z",
        "type": "NotificationReceived",
        "data": {"order_ref": "SPO-1"},
    }
    answer = what_if(case(*both, told, as_of=DEADLINE))
    assert sorted(duty["state"] for duty in answer["duties"]) == ["met", "missed"]
    assert answer["alerts"] == ["MISSED_INITIAL"]


def test_an_arrest_alert_not_acknowledged_goes_to_the_supervisor() -> None:
    assert what_if(case(SERVED, as_of=DEADLINE))["escalation"] is None
    assert what_if(case(SERVED, as_of="2026-11-20T00:05:00Z"))["escalation"] == "supervisor"


def test_the_history_says_when_the_clock_raised_an_alert() -> None:
    assert what_if(case(SERVED, as_of=DEADLINE))["history"] == [f"MISSED_INITIAL@{DEADLINE}"]
