import re
from datetime import timedelta
from typing import Any

import pytest

from spowatch.briefing.text import render
from tests.spowatch.counter import (
    ACCOUNT,
    ADDRESS,
    CONTACT,
    HER_HOME,
    HER_NUMBER,
    NAME,
    PERSONAL,
    VICTIM,
    ZONE,
    Counter,
)


def facts_for(briefing: dict[str, Any], reason: str) -> list[str]:
    each = next(one for one in briefing["necessity"] if one["reason"] == reason)
    return list(each["facts"])


def check(briefing: dict[str, Any], name: str) -> str:
    checks = briefing["power"]["verify_before_arrest"]
    return str(next(one["record"] for one in checks if one["check"] == name))


@pytest.fixture
def zone(desk: Counter) -> dict[str, Any]:
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    return desk.briefed("BREACH_ARREST")


def test_the_headline_can_be_read_out_in_the_room(zone: dict[str, Any]) -> None:
    assert zone["headline"].startswith(
        "P1 BREACH_ARREST P-ZONE-DIST: full SPO in force, act 20 min"
    )
    assert len(zone["headline"]) <= 120
    assert not [words for words in PERSONAL if words in zone["headline"]]


def test_a_long_reference_does_not_lengthen_the_headline(desk: Counter) -> None:
    ref = "K" * 200
    desk.order_served(ref=ref)
    desk.zone_breach(ref=ref)
    desk.at_the_desk()

    assert len(desk.briefed("BREACH_ARREST")["headline"]) == 120


def test_the_officer_knows_who_to_look_for(zone: dict[str, Any]) -> None:
    subject = zone["subject"]

    assert (subject["name"], subject["born"], subject["pnc_id"]) == (
        NAME, "1988-02-03", "88/123456X",
    )  # fmt: skip
    assert subject["aliases"] == ["Ry the Knife"]
    assert subject["markers"] == ["weapons"]
    assert subject["notified_address"]["address"] == ADDRESS
    assert not subject["notified_address"]["verified"]


def test_the_broken_term_is_there_to_the_letter(zone: dict[str, Any]) -> None:
    term = zone["order"]["term"]

    assert term["wording"] == ZONE["wording"]
    assert term["parameters"] == {"metres": 100.0, "around": HER_HOME}
    assert term["exceptions"] == ["by train, without getting off"]
    assert zone["order"]["terms_version"] == 1


def test_the_officer_knows_that_the_order_reached_the_person(zone: dict[str, Any]) -> None:
    service = zone["order"]["service"]

    assert service["served_by_the_act"]
    assert service["proven"]
    assert (service["method"], service["evidence"]) == ("in person", "MG11-7")
    assert zone["order"]["in_force_at_the_act"]
    assert zone["order"]["in_force_now"] == "full"


def test_the_act_is_told_with_its_times_and_its_distance(zone: dict[str, Any]) -> None:
    act = zone["breach"]

    assert (act["measured_m"], act["error_m"], act["place"]) == (41.0, 12.0, "Maidstone")
    assert act["narrative"] == ACCOUNT
    assert act["occurred_at"]["utc"].endswith("Z")
    assert act["occurred_at"]["said"].split()[-1] in {"GMT", "BST"}


def test_the_offence_has_its_code_and_its_maximum(zone: dict[str, Any]) -> None:
    offence = zone["power"]["offence"]

    assert offence["pnld"] == "H20164"
    assert offence["provision"] == "SPA 2019 s.8(1)"
    assert offence["maximum"].startswith("5 years on indictment; 12 months")


def test_the_system_advises_and_a_constable_decides(zone: dict[str, Any]) -> None:
    assert "constable decides under PACE 1984 s.24" in zone["power"]["advice"]
    assert "SUSPECT" in zone["power"]["advice"]
    assert "NECESSARY" in zone["power"]["advice"]
    assert [one["check"] for one in zone["power"]["verify_before_arrest"]] == [
        "identity", "served", "in force", "condition applies", "not varied",
    ]  # fmt: skip


def test_every_reason_for_necessity_comes_with_what_is_on_record(zone: dict[str, Any]) -> None:
    assert [one["reason"][-3:] for one in zone["necessity"]] == [
        "(a)", "(b)", "(c)", "(d)", "(e)", "(f)",
    ]  # fmt: skip
    assert "notified home address never confirmed" in facts_for(zone, "s.24(5)(b)")
    assert "warning markers: weapons" in facts_for(zone, "s.24(5)(c)")
    assert facts_for(zone, "s.24(5)(f)") == []


def test_the_protected_person_is_marked_need_to_know(zone: dict[str, Any]) -> None:
    protected = zone["protected_persons"]

    assert protected["handling"].startswith("Need to know")
    assert protected["persons"] == [
        {"name": VICTIM, "relationship": "former partner", "safe_contact": HER_NUMBER}
    ]


def test_earlier_breaches_count_across_all_orders_of_the_person(desk: Counter) -> None:
    desk.order_served()
    desk.order_served(CONTACT, ref="KENT/2026/00002")
    desk.contact_breach(incident="A", ref="KENT/2026/00002", hours=3)
    desk.contact_breach(incident="B", days=4)
    desk.zone_breach()
    desk.at_the_desk()

    risk = desk.briefed("BREACH_ARREST")["risk"]

    assert risk["earlier_breaches"] == {"24h": 1, "7d": 2, "30d": 2, "12m": 2}
    orders = [each["order"] for each in risk["earlier_breach_dates"]]
    assert orders == ["KENT/2026/00002", "KENT/2026/00001"]


def test_a_second_report_of_an_incident_is_no_earlier_breach(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach(incident="CAD-1")
    desk.contact_breach(incident="CAD-1", minutes=25)
    desk.at_the_desk()

    told = desk.briefed("BREACH_ARREST")

    assert told["risk"]["earlier_breaches"]["12m"] == 0
    assert len(told["breach"]["other_reports"]) == 1


def test_a_missed_notification_says_what_was_due_and_how_late_it_is(desk: Counter) -> None:
    desk.order_made()
    desk.tell("OrderServed", desk.ago(days=10), method="in_person")
    desk.at_the_desk()

    told = desk.briefed("MISSED_INITIAL")

    assert told["missed_duty"]["kind"] == "initial"
    assert told["missed_duty"]["late_by"].startswith(("6 d", "7 d"))
    assert told["power"]["offence"]["pnld"] == "H20165"
    assert told["breach"] is None
    assert facts_for(told, "s.24(5)(f)") == ["1 missed notification(s) standing"]


def test_an_order_that_never_reached_the_person_is_said_to_be_unserved(desk: Counter) -> None:
    desk.order_made(defendant_present=False)
    desk.zone_breach()
    desk.at_the_desk()

    told = desk.briefed("BREACH_REVIEW_UNSERVED")

    assert told["order"]["service"]["served_at"] is None
    assert check(told, "served").startswith("no service on record")
    assert not told["power"]["arrest_advised"]
    assert "NOT ON RECORD" in render(told)


def test_a_variation_after_the_act_is_pointed_out(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach(days=2)
    desk.tell(
        "OrderVaried", desk.ago(minutes=1), applicant="chief_officer", role="applied_for_order",
        heard=["defendant"], adds=[{"code": "P-WEAPON"}], necessity_found=True,
    )  # fmt: skip
    desk.at_the_desk()

    told = desk.briefed("BREACH_ARREST")

    assert told["order"]["terms_version"] == 1
    assert told["order"]["variations"][0]["after_the_act"]
    assert check(told, "not varied").startswith("VARIED since")


def test_somebody_in_custody_is_said_to_be_there(desk: Counter) -> None:
    desk.order_served()
    desk.tell("CustodyStarted", desk.ago(hours=1), kind="remand", establishment="HMP Fernhollow")
    desk.contact_breach(incident="A", minutes=30)
    desk.at_the_desk()

    told = desk.briefed("BREACH_IN_CUSTODY")

    assert told["subject"]["custody"]["now"]
    assert told["subject"]["custody"]["establishment"] == "HMP Fernhollow"
    assert "IN CUSTODY at HMP Fernhollow" in render(told)


def test_an_address_an_officer_saw_is_verified(desk: Counter) -> None:
    desk.order_served()
    desk.tell("AddressVisit", desk.ago(days=3), result="seen")
    desk.zone_breach()
    desk.at_the_desk()

    assert desk.briefed("BREACH_ARREST")["subject"]["notified_address"]["verified"]


def test_conduct_under_no_order_points_to_no_offence_but_tells_the_act(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach(days=15)
    desk.at_the_desk()

    told = desk.briefed("CONDUCT_NO_ORDER_IN_FORCE")

    assert told["power"]["offence"] is None
    assert told["necessity"] == []
    assert told["matter"]["report"]["narrative"] == ACCOUNT
    assert "none then" in told["headline"]


def test_a_withdrawn_alert_says_so_first(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    desk.tell("BreachRetracted", desk.ago(seconds=1), incident="CAD-1", reason="wrong_person")
    desk.at_the_desk()

    told = desk.briefed("BREACH_ARREST")

    assert told["headline"].startswith("WITHDRAWN ")
    assert told["provenance"]["withdrawn_because"] == "report retracted"


def test_an_erased_person_still_has_a_briefing(desk: Counter) -> None:
    desk.order_served()
    desk.zone_breach()
    desk.at_the_desk()
    desk.erase()

    told = desk.briefed("BREACH_ARREST")

    assert NAME not in str(told)
    assert told["subject"]["name"]
    assert told["order"]["in_force_at_the_act"]
    assert told["breach"]["narrative"] == ACCOUNT
    assert told["subject"]["name"] in render(told)


def test_the_sheet_is_narrow_and_without_colours(desk: Counter) -> None:
    desk.order_served()
    desk.tell(
        "BreachReported", desk.ago(minutes=1), condition="P-CONTACT-DIRECT",
        occurred_at=desk.ago(minutes=5), narrative="he said \x1b[31mI am back\x1b[0m " * 60,
    )  # fmt: skip
    desk.at_the_desk()

    sheet = render(desk.briefed("BREACH_ARREST"))

    assert max(map(len, sheet.splitlines())) <= 100
    assert "\x1b" not in sheet


def test_the_briefing_says_how_late_the_desk_was(zone: dict[str, Any]) -> None:
    provenance = zone["provenance"]

    assert provenance["rule"] == "breach_arrest.v1"
    assert provenance["late_by_seconds"] >= timedelta(minutes=1).total_seconds()
    assert "at or near a protected person" in provenance["priority_because"]
    assert not provenance["withdrawn"]


def test_an_order_that_ended_since_is_told_apart_from_the_one_in_force_now(desk: Counter) -> None:
    desk.order_made()
    desk.tell(
        "InterimOrderGranted", desk.ago(days=15), last_day=desk.ago(days=-30)[:10],
        conditions=[ZONE], defendant_present=True,
    )  # fmt: skip
    desk.zone_breach(days=12)
    desk.at_the_desk()

    told = desk.briefed("BREACH_HISTORIC")

    assert told["order"]["kind"] == "interim"
    assert not told["order"]["this_order_in_force_now"]
    assert "another order, full, is in force now" in " ".join(render(told).split())


def test_an_order_with_a_last_day_is_in_force_to_the_end_of_it(desk: Counter) -> None:
    desk.order_made(until=None, last_day=desk.ago(days=-800)[:10])
    desk.zone_breach()
    desk.at_the_desk()

    sheet = render(desk.briefed("BREACH_REVIEW_UNSERVED"))

    assert "to the end of " in sheet


def test_a_warning_about_what_lies_ahead_says_how_far(desk: Counter) -> None:
    desk.order_made(until=None, made_on=desk.ago(days=1000)[:10], last_day=desk.ago(days=-5)[:10])
    desk.at_the_desk()

    told = desk.briefed("EXPIRY_WARNING")

    assert re.search("due in [456] d", told["headline"])
    assert told["power"]["offence"] is None


def test_nobody_at_home_verifies_no_address(desk: Counter) -> None:
    desk.order_served()
    desk.tell("AddressVisit", desk.ago(days=3), result="no_reply")
    desk.zone_breach()
    desk.at_the_desk()

    told = desk.briefed("BREACH_ARREST")

    assert not told["subject"]["notified_address"]["verified"]
    assert told["subject"]["notified_address"]["check"] == "no reply"
    assert facts_for(told, "s.24(5)(f)")[0].startswith("not found at the notified address")


def test_a_service_after_the_act_is_said_to_be_after_it(desk: Counter) -> None:
    desk.order_made(defendant_present=True)
    desk.zone_breach(days=3)
    desk.tell("OrderServed", desk.ago(hours=5), method="in_person")
    desk.at_the_desk()

    told = desk.briefed("BREACH_ARREST")

    assert not told["order"]["service"]["served_by_the_act"]
    assert "AFTER IT HAPPENED" in render(told)
    assert "was in court when it was made" in check(told, "served")


def test_a_notification_missed_under_another_order_counts_too(desk: Counter) -> None:
    desk.order_made(CONTACT, ref="KENT/2026/00002")
    desk.tell("OrderServed", desk.ago(days=10), ref="KENT/2026/00002", method="in_person")
    desk.order_made()
    desk.tell("OrderServed", desk.ago(hours=5), method="in_person")
    desk.zone_breach()
    desk.at_the_desk()

    assert desk.briefed("BREACH_ARREST")["risk"]["missed_notifications"] == 1
