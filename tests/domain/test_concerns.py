from datetime import timedelta
from typing import Any

import pytest

from domain.alerts import AlertCode
from domain.findings import (
    Concern,
    ConcernRaised,
    FindingWithdrawn,
    PeriodExpired,
    WithdrawalReason,
)
from domain.regimes import NI_PSA_2022
from domain.vocabulary import Statement
from tests.given_when_then import (
    APPLIED,
    GRANTED,
    INTERIM,
    INTERIM_SERVED,
    NOTIFIED,
    SERVED,
    Expected,
    at,
    fact,
    given,
)

LIVE = (APPLIED, GRANTED, SERVED, NOTIFIED)
WITH_INTERIM = (APPLIED, INTERIM, INTERIM_SERVED, NOTIFIED)
INTERIM_ENDS = at("2026-12-01 00:00")
OVER: Expected = (FindingWithdrawn, {"reason": WithdrawalReason.OVER})
LATE: Expected = (FindingWithdrawn, {"reason": WithdrawalReason.LATE_KNOWLEDGE})
FULL = fact("2026-11-20 10:00", "FullOrderGranted", until="further_order")


def raised(concern: Concern, **values: Any) -> Expected:
    return ConcernRaised, {"concern": concern, **values}


def expired(kind: str) -> Expected:
    return PeriodExpired, {"order_kind": kind}


def two_years(last_day: str = "2028-11-01") -> Statement:
    return fact("2026-11-02 10:00", "FullOrderGranted", last_day=last_day)


# Nobody is protected


def test_an_interim_that_runs_out_unreplaced_leaves_a_gap() -> None:
    story = given(*WITH_INTERIM).when(INTERIM_ENDS)
    story.then(expired("interim"), raised(Concern.PROTECTION_GAP))
    story.then_alerts(AlertCode.PROTECTION_GAP).then_position(status="applied", in_force=None)


def test_the_gap_is_over_with_the_full_order() -> None:
    late = fact("2026-12-03 10:00", "FullOrderGranted", until="further_order")
    story = given(*WITH_INTERIM, INTERIM_ENDS).when(late).then(OVER)
    story.then_concerns().then_position(status="full_granted", in_force="full")


def test_a_full_order_in_the_same_instant_leaves_no_gap() -> None:
    late = fact("2026-12-01 00:00", "FullOrderGranted", until="further_order")
    story = given(*WITH_INTERIM).when(late).then_concerns()
    assert story.position().facets == ["replaces_interim"]


@pytest.mark.parametrize("kind", ["ApplicationRefused", "ApplicationWithdrawn"])
def test_an_interim_dies_with_its_application(kind: str) -> None:
    story = given(*WITH_INTERIM).when(fact("2026-11-20 10:00", kind))
    story.then_concerns("protection_gap").then_position(in_force=None)


def test_in_northern_ireland_it_lives_until_the_time_to_appeal_is_over() -> None:
    applied = APPLIED.fact.model_dump(mode="json") | {"force": "PSNI"}
    refused = fact("2026-11-03 10:00", "ApplicationRefused")
    story = given(
        fact("2026-11-02 09:00", "ApplicationMade", **applied), INTERIM, regime=NI_PSA_2022
    )
    story.when(refused, at("2026-11-23 23:59")).then_position(in_force="interim")
    story.when(at("2026-11-24 00:00")).then(OVER, raised(Concern.PROTECTION_GAP))  # fmt: skip
    story.then_position(in_force=None, status="refused")


def test_a_discharged_interim_leaves_a_gap() -> None:
    story = given(*WITH_INTERIM).when(fact("2026-11-20 10:00", "InterimDischarged"))
    story.then(raised(Concern.PROTECTION_GAP)).then_position(status="applied")


def test_an_interim_the_source_says_is_over_is_over() -> None:
    story = given(*WITH_INTERIM).when(fact("2026-11-20 10:00", "InterimExpired"))
    story.then_concerns("protection_gap").then_position(in_force=None)


def test_a_quashed_order_leaves_a_gap() -> None:
    appeal = fact("2026-11-09 10:00", "AppealLodged", by="defendant", against="making_full")
    quashed = fact("2026-11-20 10:00", "AppealAllowed", effect="order_quashed")
    story = given(*LIVE, appeal).when(quashed).then(raised(Concern.PROTECTION_GAP))
    story.then_position(status="quashed", in_force=None)
    assert story.position().facets == []


def test_a_quashed_interim_leaves_a_gap() -> None:
    appeal = fact("2026-11-09 10:00", "AppealLodged", by="defendant", against="making_interim")
    quashed = fact("2026-11-20 10:00", "AppealAllowed", effect="order_quashed")
    given(*WITH_INTERIM, appeal).when(quashed).then(raised(Concern.PROTECTION_GAP))


def test_the_appeal_lodged_last_is_the_one_allowed() -> None:
    appeals = (
        fact("2026-11-09 10:00", "AppealLodged", by="defendant", against="making_interim"),
        fact("2026-11-21 10:00", "AppealLodged", by="defendant", against="making_full"),
    )
    quashed = fact("2026-11-25 10:00", "AppealAllowed", effect="order_quashed")
    story = given(*WITH_INTERIM, appeals[0], FULL, appeals[1]).when(quashed)
    story.then_position(status="quashed", in_force=None)


def test_a_discharged_full_order_was_meant_to_end() -> None:
    given(*LIVE).when(fact("2026-11-20 09:00", "OrderDischarged")).then_nothing()


def test_an_order_that_runs_out_with_its_renewal_unheard_leaves_a_gap() -> None:
    asked = fact("2028-10-20 09:00", "RenewalApplied", hearing="2028-11-20")
    before = (APPLIED, two_years(), SERVED, NOTIFIED, asked, at("2028-11-01 09:00"))
    story = given(*before).when(at("2028-11-02 00:00"))
    gap, over = raised(Concern.PROTECTION_GAP), raised(Concern.ORDER_EXPIRED)
    story.then(OVER, expired("full"), gap, over)
    story.then_position(status="expired", in_force=None)


def test_a_death_leaves_no_gap() -> None:
    died = fact("2026-11-20 09:00", "DefendantDied", evidence="certificate")
    story = given(*WITH_INTERIM).when(died, INTERIM_ENDS).then_nothing()
    story.then_position(status="closed", in_force=None, next_change=None)


# The order nears or reaches its end


def test_an_order_that_runs_out_has_expired() -> None:
    story = given(APPLIED, two_years(), SERVED, NOTIFIED).when(at("2028-11-02 00:00"))
    story.then_concerns("order_expired").then_position(status="expired")
    story.then_raised(AlertCode.ORDER_EXPIRED)


def test_an_order_the_source_says_is_over_is_over() -> None:
    story = given(*LIVE).when(fact("2026-12-01 09:00", "OrderExpired"))
    story.then(expired("full"), raised(Concern.ORDER_EXPIRED)).then_position(status="expired")


def test_a_renewal_entered_after_the_expiry_takes_the_expiry_back() -> None:
    ran_out = (APPLIED, two_years(), SERVED, NOTIFIED, at("2028-11-02 00:00"))
    renewed = fact(
        "2028-10-20 10:00",
        "OrderRenewed",
        recorded_at="2028-11-03T09:00:00+00:00",
        applicant="chief_officer",
        role="applied_for_order",
        heard=["defendant", "chief_officer"],
        last_day="2030-11-01",
    )
    story = given(*ran_out).when(renewed)
    story.then(LATE, OVER).then_position(status="full_granted", in_force="full")


def test_an_expiry_before_a_death_stands() -> None:
    died = fact("2028-12-01 09:00", "DefendantDied", evidence="certificate")
    story = given(APPLIED, two_years(), SERVED, NOTIFIED, at("2028-11-02 00:00")).when(died)
    standing = [entry.event for entry in story.order.standing.values()]
    assert [type(event) for event in standing] == [PeriodExpired]


def test_the_end_is_announced_five_times_each_in_place_of_the_last() -> None:
    story = given(APPLIED, two_years(), SERVED, NOTIFIED).when(at("2028-11-01 23:59"))
    warned = [e for e in story.concluded() if isinstance(e, ConcernRaised)]
    days = ["2028-05-02", "2028-08-02", "2028-09-07", "2028-10-05", "2028-10-26"]
    assert [event.key.rsplit(":", 1)[1] for event in warned] == days
    assert {event.due_at for event in warned} == {at("2028-11-02 00:00")}
    story.then_concerns("expiry_approaches").then_raised(AlertCode.EXPIRY_WARNING)


def test_a_renewal_ends_the_announcement() -> None:
    renewed = fact("2028-10-30 09:00", "OrderRenewed", last_day="2031-11-01")
    story = given(APPLIED, two_years(), SERVED, NOTIFIED, at("2028-10-29 09:00")).when(renewed)
    story.then(OVER).then_concerns()


def test_no_announcement_before_a_short_order_was_made() -> None:
    short = fact("2026-11-02 10:00", "FullOrderGranted", until="further_order")
    ends = fact("2026-12-31 09:00", "OrderRenewed", last_day="2027-01-31")
    story = given(APPLIED, short, SERVED, NOTIFIED).when(ends)
    story.then_concerns("expiry_approaches")


# Hearings, service


def test_an_interim_that_ends_before_the_hearing_is_renewed_first() -> None:
    listed = fact("2026-11-04 09:00", "HearingListed", on="2026-12-01")
    story = given(*WITH_INTERIM).when(listed)
    story.then(raised(Concern.INTERIM_EXPIRES_BEFORE_HEARING, due_at=INTERIM_ENDS))
    story.then_alerts(AlertCode.INTERIM_EXPIRES_BEFORE_HEARING)


def test_a_hearing_on_its_last_day_is_in_time() -> None:
    given(*WITH_INTERIM).when(fact("2026-11-04 09:00", "HearingListed", on="2026-11-30")).then_nothing()  # fmt: skip


def test_renewed_past_the_hearing_it_is_no_concern() -> None:
    listed = fact("2026-11-04 09:00", "HearingListed", on="2026-12-10")
    renewed = fact("2026-11-05 09:00", "InterimRenewed", last_day="2026-12-10")
    story = given(*WITH_INTERIM, listed).when(renewed).then(OVER)
    story.when(INTERIM_ENDS).then_nothing().then_position(in_force="interim")


def test_varied_with_a_later_end_it_is_no_concern_either() -> None:
    listed = fact("2026-11-04 09:00", "HearingListed", on="2026-12-10")
    varied = fact("2026-11-05 09:00", "InterimVaried", last_day="2026-12-10")
    given(*WITH_INTERIM, listed).when(varied).then(OVER)


def test_a_day_after_it_was_made_service_is_chased() -> None:
    story = given(APPLIED, GRANTED).when(at("2026-11-03 09:59")).then_nothing()
    story.when(at("2026-11-03 10:00")).then(raised(Concern.ORDER_UNSERVED))
    story.then_alerts(AlertCode.ORDER_UNSERVED)


def test_served_it_is_chased_no_more() -> None:
    served = fact("2026-11-04 09:00", "OrderServed", method="in_person")
    given(APPLIED, GRANTED, at("2026-11-03 10:00")).when(served).then(OVER).then_alerts()


def test_an_order_made_on_appeal_is_served_at_once() -> None:
    refused = fact("2026-11-02 10:00", "ApplicationRefused")
    appeal = fact(
        "2026-11-09 10:00", "AppealLodged", by="chief_officer_applied", against="refusal_full"
    )
    made = fact("2026-11-20 10:00", "AppealAllowed", effect="order_made", until="further_order")
    story = given(APPLIED, refused, appeal).when(made).then(raised(Concern.ORDER_UNSERVED))
    story.then_position(status="full_granted", in_force="full")  # fmt: skip


def test_an_interim_made_on_appeal_is_an_interim() -> None:
    appeal = fact(
        "2026-11-09 10:00", "AppealLodged", by="chief_officer_applied", against="refusal_interim"
    )
    made = fact("2026-11-20 10:00", "AppealAllowed", effect="order_made", last_day="2026-12-20")
    story = given(APPLIED, appeal).when(made).then(raised(Concern.ORDER_UNSERVED))
    story.then_position(status="interim_granted", in_force="interim")
    assert story.position().history.application_pending_at(story.now)


def test_an_appeal_is_shown_until_it_is_decided() -> None:
    appeal = fact("2026-11-09 10:00", "AppealLodged", by="defendant", against="making_full")
    story = given(*LIVE).when(appeal)
    assert story.position().facets == ["under_appeal"]
    story.when(fact("2026-11-20 10:00", "AppealDismissed"))
    assert story.position().facets == []


def test_a_full_order_for_an_interim_nobody_served_leaves_a_gap() -> None:
    story = given(APPLIED, INTERIM).when(FULL)
    story.then_concerns("notification_gap")
    story.then_alerts(AlertCode.NOTIFICATION_GAP_LEGAL_REVIEW)


def test_a_full_order_said_to_replace_an_interim_nobody_recorded_leaves_a_gap() -> None:
    said = fact(
        "2026-11-20 10:00", "FullOrderGranted", until="further_order", replaces_interim=True
    )
    given(APPLIED).when(said).then(raised(Concern.NOTIFICATION_GAP))  # fmt: skip


def test_service_may_say_that_it_replaces_an_interim() -> None:
    served = fact("2026-11-02 12:00", "OrderServed", method="in_person", replaces_interim=True)
    story = given(APPLIED, GRANTED).when(served).then_duties()
    assert story.position().facets == ["replaces_interim"]


# Addresses, receipts, borders


@pytest.mark.parametrize("result", ["not_at_home", "moved_out"])
def test_nobody_at_the_address_is_followed_up(result: str) -> None:
    story = given(*LIVE).when(fact("2026-11-10 09:00", "AddressVisit", result=result))
    story.then_alerts(AlertCode.ADDRESS_CHECK_FOLLOW_UP)


def test_seen_at_the_address_settles_it() -> None:
    away = fact("2026-11-10 09:00", "AddressVisit", result="not_at_home")
    seen = fact("2026-11-11 09:00", "AddressVisit", result="seen")
    given(*LIVE, away).when(seen).then(OVER).then_alerts()


def test_a_new_notification_of_an_address_settles_it() -> None:
    away = fact("2026-11-10 09:00", "AddressVisit", result="not_at_home")
    told = fact("2026-11-11 09:00", "NotificationReceived", home_address="9 Elm Row")
    given(*LIVE, away).when(told).then(OVER)


def test_a_home_given_up_is_followed_up() -> None:
    given(*LIVE).when(fact("2026-11-10 09:00", "HomeAddressCeased")).then_concerns("address_unconfirmed")  # fmt: skip


def test_no_receipt_is_a_failure_of_ours() -> None:
    told = fact("2026-11-03 11:00", "NotificationReceived", acknowledgement_issued=False)
    story = given(APPLIED, GRANTED, SERVED).when(told)
    story.then(raised(Concern.RECEIPT_NOT_ISSUED)).then_alerts(AlertCode.ACK_NOT_ISSUED)


def test_a_child_is_safeguarded() -> None:
    applied = APPLIED.fact.model_dump(mode="json") | {"defendant_age": 16, "court": "youth"}
    story = given().when(fact("2026-11-02 09:00", "ApplicationMade", **applied))
    story.then_alerts(AlertCode.CHILD_SAFEGUARDING_CONTACT)
    assert story.position().facets == ["child"]


def test_a_child_found_out_at_service_is_safeguarded() -> None:
    served = fact("2026-11-02 12:00", "OrderServed", defendant_age=17, method="in_person")
    given(APPLIED, GRANTED).when(served).then(raised(Concern.CHILD_DEFENDANT))


def test_an_adult_at_service_is_no_child() -> None:
    served = fact("2026-11-02 12:00", "OrderServed", defendant_age=18, method="in_person")
    given(APPLIED, GRANTED).when(served).then_nothing()


@pytest.mark.parametrize("area", ["scotland", "northern_ireland", "outside_uk"])
def test_moved_across_a_border_the_police_there_are_told(area: str) -> None:
    moved = fact("2026-11-10 09:00", "HomeAddressChanged", to="9 Elm Row", to_area=area)
    story = given(*LIVE).when(moved).then(raised(Concern.CROSS_BORDER_SUBJECT))
    assert story.position().facets == ["cross_border"]


def test_moved_within_england_nobody_is_told() -> None:
    moved = fact("2026-11-10 09:00", "HomeAddressChanged", to="9 Elm Row", to_area="EW-other-force")
    given(*LIVE).when(moved).then_nothing()


def test_moved_back_it_is_over() -> None:
    away = fact("2026-11-10 09:00", "HomeAddressChanged", to="9 Elm Row", to_area="scotland")
    back = fact("2026-11-11 09:00", "HomeAddressChanged", to="1 High Street, Dover")
    given(*LIVE, away).when(back).then(OVER)


def test_abroad_until_he_stands_at_the_counter() -> None:
    left = fact("2026-11-10 09:00", "LeftUnitedKingdom")
    here = fact("2026-11-12 09:00", "NotificationReceived")
    story = given(*LIVE).when(left).then_alerts(AlertCode.CROSS_BORDER_SUBJECT)
    story.when(here).then(OVER).then_alerts()


def test_a_telephone_call_brings_nobody_back() -> None:
    left = fact("2026-11-10 09:00", "LeftUnitedKingdom")
    rang = fact("2026-11-12 09:00", "NotificationReceived", method="telephone")
    given(*LIVE, left).when(rang).then_concerns("cross_border_subject")


@pytest.mark.parametrize(
    ("held", "freed"),
    [
        ("CustodyStarted", "CustodyEnded"),
        ("HospitalDetentionStarted", "HospitalDetentionEnded"),
    ],
)
def test_let_go_with_a_notification_owing_he_is_told_at_once(held: str, freed: str) -> None:
    held_then = fact("2026-11-02 13:00", held)
    story = given(APPLIED, GRANTED, SERVED, held_then).when(fact("2026-11-20 09:00", freed))
    story.then_raised(AlertCode.RELEASE_NOTIFY_NOW, AlertCode.MISSED_REVIEW_EXCUSE)


def test_let_go_owing_nothing_he_is_told_nothing() -> None:
    held = fact("2026-11-10 13:00", "CustodyStarted")
    given(*LIVE, held).when(fact("2026-11-20 09:00", "CustodyEnded")).then_nothing()


def test_let_go_twice_is_let_go_once() -> None:
    held = fact("2026-11-10 13:00", "CustodyStarted")
    freed = [fact(f"2026-11-{day} 09:00", "CustodyEnded") for day in (20, 21)]
    given(*LIVE, held).when(*freed).then_nothing()


# What the person entering an order should think about


def test_terms_that_clash_or_have_no_scheme_are_pointed_out() -> None:
    conditions = [
        {"code": "P-ZONE-AREA", "overlaps": "his place of worship"},
        {"code": "X-ELECTRONIC-MONITORING"},
        {"code": "P-CONTACT-DIRECT"},
    ]
    granted = fact(
        "2026-11-02 10:00", "FullOrderGranted", until="further_order", conditions=conditions
    )
    story = given(APPLIED).when(granted)
    assert story.position().warnings == ["NO_STATUTORY_SCHEME", "RELIGION_WORK_EDUCATION_CLASH"]  # fmt: skip


def test_time_alone_brings_no_concern_twice() -> None:
    story = given(*WITH_INTERIM, INTERIM_ENDS)
    story.when(INTERIM_ENDS, INTERIM_ENDS + timedelta(days=400)).then_nothing()


# Appointments and reviews


LISTED = fact(
    "2026-11-10 09:00",
    "AppointmentListed",
    condition="R-PROGRAMME",
    attend_at="2026-11-16T10:00:00+00:00",
    provider="Kent PIP",
)


def test_an_appointment_nobody_reports_on_is_chased_a_day_later() -> None:
    story = given(*LIVE, LISTED).when(at("2026-11-17 09:59")).then_nothing()
    story.when(at("2026-11-17 10:00")).then(raised(Concern.APPOINTMENT_UNCONFIRMED))
    story.then_alerts(AlertCode.APPOINTMENT_UNCONFIRMED)


@pytest.mark.parametrize("outcome", ["AppointmentKept", "AppointmentMissed"])
def test_an_appointment_reported_on_is_not_chased(outcome: str) -> None:
    said = fact("2026-11-16 10:30", outcome, condition="R-PROGRAMME")
    story = given(*LIVE, LISTED).when(said, at("2026-11-18 10:00"))
    assert not [event for event in story.concluded() if isinstance(event, ConcernRaised)]


def test_word_of_an_appointment_ends_the_chase() -> None:
    late = fact(
        "2026-11-16 10:30",
        "AppointmentKept",
        condition="R-PROGRAMME",
        recorded_at="2026-11-18T09:00:00+00:00",
    )
    given(*LIVE, LISTED, at("2026-11-17 10:00")).when(late).then(OVER).then_concerns()


def test_an_appointment_after_the_order_ended_is_not_chased() -> None:
    over = fact("2026-11-12 09:00", "OrderExpired")
    given(*LIVE, LISTED, over).when(at("2026-11-18 10:00")).then_concerns("order_expired")


def test_a_review_is_due_from_its_day_until_the_next_is_listed() -> None:
    listed = fact("2026-11-10 09:00", "ReviewListed", on="2026-12-01", reason="six_weeks")
    story = given(*LIVE, listed).when(at("2026-11-30 23:59")).then_nothing()
    story.when(at("2026-12-01 00:00")).then(raised(Concern.REVIEW_DUE))
    again = fact("2026-12-01 11:00", "ReviewListed", on="2027-03-01")
    given(*LIVE, listed, at("2026-12-01 00:00")).when(again).then(OVER)
