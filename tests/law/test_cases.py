from datetime import datetime, timedelta, timezone
from typing import Any
from zlib import crc32

import pytest

from domain.status import STATUSES
from spowatch.what_if import what_if
from tests.law.comparing import Case, cases, differences

CASES = cases()
ELSEWHERE = timezone(timedelta(hours=5, minutes=30))
INSTANTS = frozenset({"t", "as_of", "recorded_at", "occurred_at", "served_at"})

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))


def test_no_case_is_lost() -> None:
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids)) >= 136 + 440 + 250


@every_case
def test_the_position_is_what_the_law_says(case: Case) -> None:
    assert not differences(case["expect"], what_if(case))


@every_case
def test_a_list_of_orders_can_be_asked_for_the_status(case: Case) -> None:
    assert what_if(case)["status"] in STATUSES


@every_case
def test_the_order_of_the_lines_is_not_a_fact(case: Case) -> None:
    places = list(range(len(case["given"])))
    places.sort(key=lambda place: crc32(f"{case['id']} {place}".encode()))
    shuffled = what_if(case | {"given": [case["given"][place] for place in places]})
    for refused in shuffled["rejected"]:
        refused["event"] = places[refused["event"]]
    shuffled["rejected"].sort(key=lambda refused: refused["event"])
    assert shuffled == what_if(case)


@every_case
def test_an_instant_is_the_same_instant_under_another_offset(case: Case) -> None:
    moved = {key: _elsewhere(case[key], key) for key in ("given", "as_of")}
    assert what_if(case | moved) == what_if(case)


WITH_DEADLINE = [case for case in CASES if "at_deadline" in case["expect"]]


@pytest.mark.parametrize("case", WITH_DEADLINE, ids=lambda case: str(case["id"]))
def test_what_is_foreseen_for_the_deadline_comes_about_at_it(case: Case) -> None:
    foreseen = case["expect"]["at_deadline"]
    then = {key: value for key, value in foreseen.items() if key != "as_of"}
    assert not differences(then, what_if(case | {"as_of": foreseen["as_of"]}))


def _elsewhere(value: Any, key: str = "") -> Any:
    """The same value with every instant written under another offset."""
    if isinstance(value, dict):
        return {name: _elsewhere(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_elsewhere(part) for part in value]
    if key in INSTANTS:
        return datetime.fromisoformat(value).astimezone(ELSEWHERE).isoformat()
    return value
