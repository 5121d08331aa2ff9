"""What became known in which order, and in how many pieces, is no fact about the position."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spowatch.facts_file import Line
from spowatch.importing import import_line
from spowatch.open_store import Store
from spowatch.what_if import what_if
from tests.law.comparing import Case, cases
from tests.law.test_live import facts_known, lived, names_orders, recorded_at, said_of
from tests.stories import store_at

MADE = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
KNOWN = MADE + timedelta(days=60)
ORDER = [
    {"t": "2026-10-01T10:00:00Z", "type": "ApplicationMade", "data": {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}},
    {"t": MADE.isoformat(), "type": "FullOrderGranted", "data": {"made_on": "2026-11-20", "until": "further_order", "defendant_present": True}},
    {"t": MADE.isoformat(), "type": "OrderServed", "data": {"order_kind": "full", "method": "in_court"}},
]  # fmt: skip
EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("NotificationReceived", {"names": ["A B"], "home_address": "1 High St"}),
    ("NotificationReceived", {"names": ["A B", "C D"], "home_address": "2 Low St"}),
    ("NotificationReceived", {"by": "solicitor"}),
    ("NameUsed", {"name": "C D"}),
    ("NameUsed", {"name": "E F"}),
    ("HomeAddressChanged", {"to": "2 Low St", "to_area": "EW"}),
    ("HomeAddressChanged", {"to": "1 High St", "to_area": "EW-other-force"}),
    ("CustodyStarted", {}),
    ("CustodyEnded", {}),
    ("LeftUnitedKingdom", {}),
    ("AddressVisit", {"result": "not_at_home"}),
]
WHEN = st.integers(0, 40 * 24)
LIFE = st.lists(st.tuples(st.sampled_from(EVENTS), WHEN), min_size=1, max_size=7, unique_by=str)


def told(life: list[tuple[tuple[str, dict[str, Any]], int]], places: list[int]) -> Case:
    """The life, each fact of it recorded in its place of an order of knowledge."""
    facts = []
    for ((kind, data), hours), place in zip(life, places, strict=True):
        known_at = KNOWN + timedelta(minutes=place)
        t = MADE + timedelta(hours=hours)
        by = {"by": "defendant", "method": "in_person_oral"} if kind.startswith("Noti") else {}
        stated = by | data | {"recorded_at": known_at.isoformat()}
        facts.append({"t": t.isoformat(), "type": kind, "data": stated})
    return {"id": "K", "given": [*ORDER, *facts], "as_of": (KNOWN + timedelta(days=1)).isoformat()}


@settings(max_examples=60, deadline=None)
@given(LIFE, st.randoms(use_true_random=False))
def test_the_order_of_knowing_does_not_change_the_position(life: Any, random: Any) -> None:
    places = list(range(len(life)))
    first = what_if(told(life, places))
    random.shuffle(places)
    again = what_if(told(life, places))
    for key in ("status", "in_force", "facets", "duties", "offence"):
        assert again[key] == first[key], key
    assert {each["code"] for each in again["rejected"]} == {e["code"] for e in first["rejected"]}


WHOLE_STORIES = [
    case
    for case in cases()
    if case["id"].startswith("SR-")
    and (known := sorted(facts_known(case), key=recorded_at))
    and known[0]["type"] == "ApplicationMade"
    and len({recorded_at(fact) for fact in known}) == len(known) > 2
    and not names_orders(case)
]


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with store_at(tmp_path_factory.mktemp("pieces")) as store:
        yield store


@pytest.mark.parametrize("case", WHOLE_STORIES, ids=lambda case: str(case["id"]))
def test_imported_fact_by_fact_it_comes_to_the_same(
    case: Case, pieces: Store, tmp_path: Path
) -> None:
    as_of = datetime.fromisoformat(case["as_of"])
    head = {"id": case["id"], "person": f"PNC:{case['id']}", "regime": case["regime"]}
    known = sorted(facts_known(case), key=recorded_at)
    for fact in known[:-1]:
        line = Line(1, case=head | {"given": [fact]})
        assert import_line(line, pieces.register, now=recorded_at(fact)).error is None
    said = said_of(lived(case | {"given": known[-1:]}, pieces), pieces, as_of)
    answer = what_if(case)
    assert said["duties"] == sorted(answer["duties"], key=str)
    assert said["alerts"] == sorted(answer["alerts"])
    assert (said["status"], said["in_force"]) == (answer["status"], answer["in_force"])
