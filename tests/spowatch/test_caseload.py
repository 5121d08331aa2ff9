"""Claims about the invented national caseload."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from typing import Any

import pytest

from domain.places import locate
from domain.vocabulary import read_statement
from spowatch.caseload import Case, Fact, caseload, live
from spowatch.caseload.figures import orders_by_force
from spowatch.caseload.towns import TOWNS

UNTIL = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)


@cache
def national() -> list[Case]:
    return list(caseload(orders=2000, seed=7, until=UNTIL))


@cache
def facts() -> list[Fact]:
    return [fact for case in national() for fact in case["given"]]


@cache
def demo() -> list[Fact]:
    return list(islice(live(orders=300, seed=7, start=UNTIL), 600))


def known_at(fact: Fact) -> datetime:
    return datetime.fromisoformat(fact["data"].get("recorded_at", fact["t"]))


def breaches(fact_list: list[Fact]) -> list[dict[str, Any]]:
    return [fact["data"] for fact in fact_list if fact["type"] == "BreachReported"]


def test_the_same_seed_tells_the_same_facts() -> None:
    first = list(caseload(orders=60, seed=3, until=UNTIL))

    assert first == list(caseload(orders=60, seed=3, until=UNTIL))
    assert first != list(caseload(orders=60, seed=4, until=UNTIL))


def test_every_order_has_a_reference_of_its_own() -> None:
    references = [case["order"] for case in national()]

    assert len(set(references)) == 2000
    assert all(re.fullmatch(r"[A-Z-]+-20\d\d-\d{5}", reference) for reference in references)


def test_forces_hold_orders_in_the_published_proportion() -> None:
    published, held = orders_by_force(), Counter(case["force"] for case in national())
    total = sum(published.values())

    assert all(abs(held[force] / 2000 - n / total) < 0.03 for force, n in published.items())


def test_one_force_holds_nearly_half_of_all_orders() -> None:
    [(force, held)] = Counter(case["force"] for case in national()).most_common(1)

    assert force == "Metropolitan Police"
    assert 0.44 < held / 2000 < 0.56


def test_nothing_is_known_after_the_caseload_ends() -> None:
    assert max(known_at(fact) for fact in facts()) <= UNTIL
    assert all(datetime.fromisoformat(fact["t"]) <= UNTIL for fact in facts())


def test_the_facts_of_an_order_are_sorted_by_when_they_became_known() -> None:
    for case in national():
        assert all(known_at(a) <= known_at(b) for a, b in pairwise(case["given"]))


def test_every_fact_is_one_the_register_can_read() -> None:
    for fact in [*facts(), *demo()]:
        read_statement(json.loads(json.dumps(fact)))


def test_no_two_facts_share_a_command() -> None:
    commands = [fact["command_id"] for fact in facts()]

    assert len(commands) == len(set(commands))


@pytest.mark.parametrize(
    "kind",
    [
        "AppealAllowed",
        "AppealLodged",
        "ApplicationRefused",
        "ApplicationWithdrawn",
        "AppointmentMissed",
        "BiometricsRefused",
        "BreachReported",
        "BreachRetracted",
        "Charged",
        "CourtOutcome",
        "CustodyEnded",
        "CustodyStarted",
        "DAPOMade",
        "DefendantDied",
        "FullOrderGranted",
        "HomeAddressChanged",
        "HospitalDetentionStarted",
        "InterimOrderGranted",
        "InterimRenewed",
        "LeftUnitedKingdom",
        "NameUsed",
        "NotificationFoundFalse",
        "NotificationReceived",
        "OrderDischarged",
        "OrderPosted",
        "OrderRenewed",
        "OrderServed",
        "OrderVaried",
        "RenewalApplied",
        "SOA2003NotificationCeased",
        "ServiceCorrected",
    ],
)
def test_two_thousand_orders_show_every_kind_of_fact(kind: str) -> None:
    assert any(fact["type"] == kind for fact in facts())


def test_breaches_of_every_kind_are_reported() -> None:
    reports = breaches(facts())
    conditions = {report["condition"] for report in reports}
    channels = {report.get("channel") for report in reports}
    near = [r for r in reports if abs(r.get("measured_m", 0) - 100) < r.get("error_m", 0)]

    assert {"P-CONTACT-DIRECT", "P-CONTACT-INDIRECT", "P-ZONE-DIST", "P-ZONE-AREA"} <= conditions
    assert {"P-REF-SOCIAL", "P-SURVEIL", "P-WORKPLACE", "P-APPROACH"} <= conditions
    assert {"call", "letter", "illicit_phone", "social_media"} <= channels
    assert {locate(r["place"]).jurisdiction for r in reports if "place" in r} > {"outside_uk"}
    assert any(r.get("initiated_by") == "protected_person" for r in reports)
    assert near


def test_two_thirds_of_breaches_are_by_the_few_who_repeat() -> None:
    per_person: Counter[str] = Counter()
    for case in national():
        per_person[case["person"]] += len(breaches(case["given"]))
    repeated = sum(n for n in per_person.values() if n > 2)

    assert 0.5 < repeated / per_person.total() < 0.8
    assert sum(n > 2 for n in per_person.values()) < 0.2 * len(per_person)


def test_about_one_first_notification_in_seven_is_late_or_missed() -> None:
    served = [case for case in national() if _served_in_time_to_judge(case)]
    late = [case for case in served if not _notified_in_three_days(case)]

    assert 0.08 < len(late) / len(served) < 0.25


def test_a_person_under_eighteen_is_before_the_youth_court() -> None:
    made = [fact["data"] for fact in facts() if fact["type"] == "ApplicationMade"]
    named = [data for data in made if "defendant" in data]

    assert all(data["defendant_age"] >= 10 for data in named)
    assert all((data["court"] == "youth") == (data["defendant_age"] < 18) for data in named)


def test_nothing_is_told_of_the_dead() -> None:
    lives = [case["given"] for case in national()]
    dead = [given for given in lives if any(f["type"] == "DefendantDied" for f in given)]

    assert all(given[-1]["type"] == "DefendantDied" for given in dead)


def test_what_happens_next_comes_from_now_on_in_order_and_at_a_pace() -> None:
    times = [known_at(fact) for fact in demo()]

    assert all(UNTIL < a <= b for a, b in pairwise(times))
    assert timedelta(minutes=20) < times[-1] - UNTIL < timedelta(minutes=90)


def test_what_happens_next_is_about_orders_of_the_caseload() -> None:
    known = {case["order"] for case in caseload(orders=300, seed=7, until=UNTIL)}

    assert {fact["order"] for fact in demo()} <= known
    assert {"BreachReported", "NotificationReceived", "OrderServed"} <= {
        fact["type"] for fact in demo()
    }


def test_what_happens_next_is_the_same_for_the_same_seed() -> None:
    assert list(islice(live(orders=40, seed=7, start=UNTIL), 80)) == list(
        islice(live(orders=40, seed=7, start=UNTIL), 80)
    )


def test_without_orders_nothing_happens() -> None:
    assert list(live(orders=0, seed=7, start=UNTIL)) == []


def test_the_towns_of_each_force_lie_in_its_area() -> None:
    assert len(TOWNS) == 43
    assert all(locate(town).area == force for force, towns in TOWNS.items() for town in towns)


def _served_in_time_to_judge(case: Case) -> bool:
    first = _first(case, "OrderServed")
    return first is not None and known_at(first) < UNTIL - timedelta(days=9)


def _notified_in_three_days(case: Case) -> bool:
    served, notified = _first(case, "OrderServed"), _first(case, "NotificationReceived")
    if served is None or notified is None:
        return False
    days = datetime.fromisoformat(notified["t"]).date() - datetime.fromisoformat(served["t"]).date()
    return days < timedelta(days=3)


def _first(case: Case, kind: str) -> Fact | None:
    return next((fact for fact in case["given"] if fact["type"] == kind), None)
