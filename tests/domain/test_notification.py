from datetime import timedelta
from typing import Any

import pytest

from domain.alerts import AlertCode
from domain.findings import (
    DutyKind,
    FindingWithdrawn,
    MissJudgement,
    NotificationMissed,
    OffenceSuspected,
    Suspicion,
    WithdrawalReason,
)
from domain.notification import DutyState
from domain.regimes import EW_DAPO_2021, NI_PSA_2022
from domain.vocabulary import Statement
from tests.given_when_then import (
    APPLIED,
    DEADLINE,
    GRANTED,
    INTERIM,
    INTERIM_SERVED,
    NOTIFIED,
    SERVED,
    Story,
    at,
    fact,
    given,
)

LIVE = (APPLIED, GRANTED, SERVED)
MET = (*LIVE, NOTIFIED)
A_SECOND = timedelta(seconds=1)
DAPO = fact("2026-11-02 09:30", "DAPOMade", until="further_order")
SOA_STARTED = fact("2026-10-01 09:00", "SOA2003NotificationStarted")


def notified(local: str, **data: Any) -> Statement:
    return fact(local, "NotificationReceived", **data)


def missed(judgement: MissJudgement, duty: DutyKind = DutyKind.INITIAL) -> tuple[Any, Any]:
    return NotificationMissed, {"judgement": judgement, "duty": duty, "due_at": DEADLINE}


def test_nothing_is_missed_while_the_third_day_lasts() -> None:
    given(*LIVE).when(DEADLINE - A_SECOND).then_nothing().then_duties(("initial", "open"))


def test_silence_for_three_days_is_an_offence_at_the_first_second_of_the_fourth() -> None:
    story = given(*LIVE).when(DEADLINE).then(missed(MissJudgement.ARREST))
    story.then_alerts(AlertCode.MISSED_INITIAL).then_duties(("initial", "missed"))
    assert story.position().facets == ["notification_overdue"]


def test_notified_in_the_last_second_is_in_time() -> None:
    last = notified("2026-11-04 23:59:59")
    given(*LIVE).when(last, DEADLINE).then_nothing().then_duties(("initial", "met"))


def test_notified_a_second_late_is_late() -> None:
    late = notified("2026-11-05 00:00:00")
    story = given(*LIVE).when(late).then(missed(MissJudgement.ARREST))
    story.then_duties(("initial", "met_late")).then_alerts(AlertCode.MISSED_INITIAL)


def test_notified_on_the_day_of_service_an_hour_before_it_he_has_notified() -> None:
    early = notified("2026-11-02 11:00")
    given(APPLIED, GRANTED, early).when(SERVED, DEADLINE).then_nothing()


def test_notified_the_day_before_service_he_notified_under_nothing() -> None:
    early = notified("2026-11-01 23:59")
    given(early, APPLIED, GRANTED, SERVED).when(DEADLINE).then(missed(MissJudgement.ARREST))


def test_an_order_nobody_served_asks_for_nothing() -> None:
    given(APPLIED, GRANTED).when(DEADLINE).then_duties()


@pytest.mark.parametrize("data", [{"names": []}, {"home_address": None}])
def test_half_a_notification_is_none(data: dict[str, Any]) -> None:
    story = given(*LIVE).when(notified("2026-11-03 10:00", **data), DEADLINE)
    story.then(missed(MissJudgement.ARREST))


@pytest.mark.parametrize(
    ("told", "judgement", "code"),
    [
        (fact("2026-11-03 09:00", "CustodyStarted", kind="remand"), MissJudgement.EXCUSE, "custody"),
        (fact("2026-11-03 09:00", "HospitalDetentionStarted"), MissJudgement.EXCUSE, "hospital"),
        (fact("2026-11-03 09:00", "LeftUnitedKingdom"), MissJudgement.EXCUSE, "abroad"),
    ],
    ids=["in custody", "in hospital", "abroad"],
)  # fmt: skip
def test_who_could_not_come_is_asked_before_anyone_arrests(
    told: Statement, judgement: MissJudgement, code: str
) -> None:
    story = given(*LIVE, told).when(DEADLINE).then(missed(judgement))
    story.then_raised(AlertCode.MISSED_REVIEW_EXCUSE)
    assert story.position().duties[0].doubts == [code]


def test_back_before_it_began_is_no_excuse() -> None:
    away = fact("2026-11-01 09:00", "LeftUnitedKingdom")
    back = fact("2026-11-02 11:00", "ReturnedToUnitedKingdom")
    given(away, *LIVE[:2], back, SERVED).when(DEADLINE).then(missed(MissJudgement.ARREST))


@pytest.mark.parametrize("method", ["post_deemed", "post", "email", "left_at_address"])
def test_service_that_is_not_proven_is_proven_first(method: str) -> None:
    posted = fact("2026-11-02 12:00", "OrderServed", order_kind="full", method=method)
    story = given(APPLIED, GRANTED, posted).when(DEADLINE)
    story.then(missed(MissJudgement.SERVICE_PROOF))
    story.then_alerts(AlertCode.MISSED_REVIEW_SERVICE_PROOF)


def test_proven_service_counts_before_doubtful_service() -> None:
    posted = fact("2026-11-02 11:00", "OrderServed", method="post")
    by_hand = fact("2026-11-03 11:00", "OrderServed", method="in_person")
    story = given(APPLIED, GRANTED, posted, by_hand).when(at("2026-11-06 00:00"))
    story.then((NotificationMissed, {"judgement": MissJudgement.ARREST}))


def test_a_window_closed_before_anyone_wrote_it_down_is_looked_at_first() -> None:
    late = fact("2026-11-02 12:00", "OrderServed", method="in_person", recorded="2026-11-06 09:00")
    story = given(APPLIED, GRANTED).when(late)
    story.then_alerts(AlertCode.MISSED_REVIEW_LATE_RECORDING)


def test_a_notification_written_down_late_was_still_in_time() -> None:
    late = notified("2026-11-03 11:00", recorded="2026-11-05 08:00")
    story = given(*LIVE, DEADLINE).when(late)
    story.then((FindingWithdrawn, {"reason": WithdrawalReason.COMPLIED_IN_TIME}))
    story.then_alerts(AlertCode.ALERT_WITHDRAWN_COMPLIED_IN_TIME).then_duties(("initial", "met"))


def test_the_home_station_is_right_for_him_whose_address_was_not_written_down() -> None:
    told = notified("2026-11-03 11:00", station_area="home_address_area")
    given(*LIVE).when(told).then_duties(("initial", "met"))


def test_an_invalid_notification_leaves_the_duty_open() -> None:
    story = given(*LIVE).when(notified("2026-11-03 11:00", method="telephone"))
    story.then_duties(("initial", "open"))


# A new name, a new address


def test_a_new_name_is_notified_within_three_days() -> None:
    used = fact("2026-11-10 09:00", "NameUsed", name="Alex Moor")
    story = given(*MET, used).when(at("2026-11-13 00:00"))
    story.then((NotificationMissed, {"duty": DutyKind.NAME})).then_alerts(AlertCode.MISSED_NAME)


def test_a_name_told_before_it_was_used_is_not_new() -> None:
    used = fact("2026-11-10 09:00", "NameUsed", name="robin  MARSH")
    given(*MET).when(used, at("2026-11-13 00:00")).then_nothing().then_duties(("initial", "met"))


def test_a_name_is_new_where_no_names_were_written_down() -> None:
    told = notified("2026-11-03 11:00")
    used = fact("2026-11-10 09:00", "NameUsed", name="Alex Moor")
    given(*LIVE, told).when(used).then_duties(("initial", "met"), ("name", "open"))


def test_what_was_told_an_hour_before_does_not_meet_a_new_duty() -> None:
    told = notified("2026-11-10 08:00")
    used = fact("2026-11-10 09:00", "NameUsed", name="Alex Moor")
    given(*MET, told).when(used).then_duties(("initial", "met"), ("name", "open"))


def test_a_name_used_twice_is_one_duty() -> None:
    used = [fact(f"2026-11-1{day} 09:00", "NameUsed", name="Alex Moor") for day in (0, 1)]
    given(*MET).when(*used).then_duties(("initial", "met"), ("name", "open"))


def test_another_name_told_does_not_meet_the_duty() -> None:
    used = fact("2026-11-10 09:00", "NameUsed", name="Alex Moor")
    told = notified("2026-11-11 09:00", names=["Sam Fell"])
    told_it = notified("2026-11-11 10:00", names=["Alex Moor"])
    story = given(*MET, used).when(told).then_duties(("initial", "met"), ("name", "open"))
    story.when(told_it).then_duties(("initial", "met"), ("name", "met"))


def test_a_name_used_before_service_is_part_of_the_first_notification() -> None:
    used = fact("2026-11-02 11:00", "NameUsed", name="Alex Moor")
    given(APPLIED, GRANTED, used).when(SERVED).then_duties(("initial", "open"))


def test_a_new_address_is_notified_within_three_days() -> None:
    moved = fact("2026-11-10 09:00", "HomeAddressChanged", to="9 Elm Row")
    story = given(*MET, moved).when(at("2026-11-13 00:00"))
    story.then((NotificationMissed, {"duty": DutyKind.ADDRESS}))
    story.then_alerts(AlertCode.MISSED_ADDRESS)


def test_an_address_told_in_advance_is_not_told_again() -> None:
    told = notified("2026-11-09 09:00", home_address="9 Elm Row")
    moved = fact("2026-11-10 09:00", "HomeAddressChanged", to="9 Elm Row")
    given(*MET, told).when(moved).then_nothing().then_duties(("initial", "met"))


def test_an_address_told_by_telephone_is_still_to_be_told() -> None:
    rang = notified("2026-11-09 09:00", method="telephone", home_address="9 Elm Row")
    moved = fact("2026-11-10 09:00", "HomeAddressChanged", to="9 Elm Row")
    given(*LIVE, NOTIFIED).when(rang, moved).then_duties(("initial", "met"), ("address", "open"))


def test_another_address_told_does_not_meet_the_duty() -> None:
    moved = fact("2026-11-10 09:00", "HomeAddressChanged", to="9 Elm Row")
    told = notified("2026-11-11 09:00", home_address="1 High Street, Dover")
    given(*MET, moved).when(told).then_duties(("initial", "met"), ("address", "open"))


def test_a_place_regularly_found_is_an_address() -> None:
    moved = fact(
        "2026-11-10 09:00",
        "HomeAddressChanged",
        to={"kind": "regularly_found", "place": "Pier Shelter"},
    )
    told = notified("2026-11-11 09:00", home_address="pier shelter")
    given(*MET, moved).when(told).then_duties(("initial", "met"), ("address", "met"))


def test_losing_the_home_starts_no_clock_under_this_act() -> None:
    lost = fact("2026-11-10 09:00", "HomeAddressCeased")
    given(*MET).when(lost).then_duties(("initial", "met"))


def test_losing_the_home_starts_a_clock_under_a_domestic_order() -> None:
    lost = fact("2026-11-03 09:00", "HomeAddressCeased")
    served = fact("2026-11-02 10:00", "OrderServed", order_kind="dapo", method="in_person")
    story = given(DAPO, served, regime=EW_DAPO_2021).when(NOTIFIED, lost)
    story.then_duties(("initial", "met"), ("ceased_to_have_home_address", "met"))
    story.when(fact("2026-11-09 09:00", "HomeAddressCeased"), at("2026-11-12 00:00"))
    story.then_raised(AlertCode.MISSED_ADDRESS)


# The order ends, another regime applies


def test_a_duty_falls_away_with_the_order() -> None:
    ended = fact("2026-11-04 09:00", "OrderDischarged")
    given(*LIVE).when(ended, DEADLINE).then_nothing().then_duties(("initial", "lapsed"))


def test_an_order_that_ends_at_the_very_deadline_leaves_a_question() -> None:
    ended = fact("2026-11-05 00:00", "OrderDischarged", recorded="2026-11-05 00:00")
    granted = fact("2026-11-02 10:00", "InterimOrderGranted", last_day="2026-11-04")
    story = given(APPLIED, granted, INTERIM_SERVED).when(DEADLINE)
    story.then_duties(("initial", "lapsed_gap"))
    story.then_raised(AlertCode.NOTIFICATION_GAP_LEGAL_REVIEW)
    assert given(*LIVE).when(ended).position().duties[0].state is DutyState.LAPSED_GAP


def test_a_full_order_in_an_open_interim_window_leaves_a_gap() -> None:
    replaced = fact("2026-11-03 10:00", "FullOrderGranted", until="further_order")
    story = given(APPLIED, INTERIM, INTERIM_SERVED).when(replaced)
    story.then_duties(("initial", "lapsed_gap")).then_concerns("notification_gap")


def test_a_full_order_that_replaces_an_interim_asks_for_nothing_new() -> None:
    replaced = fact("2026-11-20 10:00", "FullOrderGranted", until="further_order")
    served = fact("2026-11-20 11:00", "OrderServed", method="in_person")
    story = given(APPLIED, INTERIM, INTERIM_SERVED, NOTIFIED).when(replaced, served)
    story.then_nothing().then_duties(("initial", "met"))
    assert story.position().facets == ["replaces_interim"]


def test_a_full_order_after_the_interim_ran_out_starts_the_clock_anew() -> None:
    late = fact("2026-12-03 10:00", "FullOrderGranted", until="further_order")
    served = fact("2026-12-03 11:00", "OrderServed", method="in_person")
    story = given(APPLIED, INTERIM, INTERIM_SERVED, NOTIFIED).when(late, served)
    story.then_duties(("initial", "met"), ("initial", "open"))


def test_the_sex_offender_register_takes_the_place_of_this_duty() -> None:
    given(SOA_STARTED, *LIVE).when(DEADLINE).then_nothing().then_duties()


def test_the_clock_runs_from_the_final_day_on_that_register() -> None:
    ceased = fact("2026-12-01 09:00", "SOA2003NotificationCeased", final_day="2026-12-01")
    story = given(SOA_STARTED, *LIVE).when(ceased).then_duties(("initial", "open"))
    assert story.position().duties[0].window.deadline == at("2026-12-04 00:00")


def test_no_clock_runs_from_a_final_day_after_the_order() -> None:
    ended = fact("2026-11-20 09:00", "OrderDischarged")
    ceased = fact("2026-12-01 09:00", "SOA2003NotificationCeased", final_day="2026-12-01")
    given(SOA_STARTED, *LIVE, ended).when(ceased).then_nothing().then_duties()


def test_nor_for_him_who_was_not_on_it_when_the_order_was_made() -> None:
    later = fact("2026-11-02 11:00", "SOA2003NotificationStarted")
    ceased = fact("2026-12-01 09:00", "SOA2003NotificationCeased", final_day="2026-12-01")
    given(APPLIED, GRANTED, later, SERVED).when(ceased).then_duties()


def test_leaving_a_register_nobody_was_on_changes_nothing() -> None:
    ceased = fact("2026-11-03 09:00", "SOA2003NotificationCeased", final_day="2026-11-03")
    given(*LIVE).when(ceased).then_nothing().then_duties(("initial", "open"))


def test_the_register_begun_in_the_window_takes_the_duty_over() -> None:
    later = fact("2026-11-03 09:00", "SOA2003NotificationStarted")
    story = given(*LIVE).when(later, DEADLINE).then_nothing()
    story.then_duties(("initial", "lapsed"))
    assert story.position().facets == ["soa_exempt"]


def test_a_name_used_on_that_register_is_told_there() -> None:
    used = fact("2026-11-10 09:00", "NameUsed", name="Alex Moor")
    given(SOA_STARTED, *LIVE).when(used).then_duties()


def test_the_register_begun_after_a_new_name_takes_that_duty_over_too() -> None:
    used = fact("2026-11-10 09:00", "NameUsed", name="Alex Moor")
    later = fact("2026-11-11 09:00", "SOA2003NotificationStarted")
    story = given(*MET, used).when(later, at("2026-11-13 00:00"))
    story.then_nothing().then_duties(("initial", "met"), ("name", "lapsed"))


def test_what_happens_after_the_order_is_not_told() -> None:
    ended = fact("2026-11-20 09:00", "OrderDischarged")
    used = fact("2026-11-21 09:00", "NameUsed", name="Alex Moor")
    moved = fact("2026-11-21 09:00", "HomeAddressChanged", to="9 Elm Row")
    given(*MET, ended).when(used, moved).then_duties(("initial", "met"))


def test_a_later_duty_lasts_from_interim_to_full_order() -> None:
    used = fact("2026-11-19 09:00", "NameUsed", name="Alex Moor")
    replaced = fact("2026-11-20 10:00", "FullOrderGranted", until="further_order")
    served = fact("2026-11-20 11:00", "OrderServed", method="in_person")
    story = given(APPLIED, INTERIM, INTERIM_SERVED, NOTIFIED, used, replaced, served)
    story.when(at("2026-11-22 00:00")).then((NotificationMissed, {"duty": DutyKind.NAME}))


# Domestic abuse protection orders, Northern Ireland


def test_a_domestic_order_runs_from_the_day_it_is_made() -> None:
    served = fact("2026-11-02 15:00", "OrderServed", order_kind="dapo", method="in_person")
    story = given(DAPO, served, regime=EW_DAPO_2021).when(DEADLINE)
    story.then(missed(MissJudgement.ARREST)).then_alerts(AlertCode.MISSED_INITIAL)


def test_a_home_lost_before_the_domestic_order_is_not_told() -> None:
    lost = fact("2026-11-01 09:00", "HomeAddressCeased")
    given(lost, regime=EW_DAPO_2021).when(DAPO).then_duties(("initial", "open"))


def test_a_domestic_order_comes_into_force_when_it_is_made() -> None:
    in_force = fact("2026-11-02 10:00", "OrderInForce", from_="2026-11-05")
    story = given(DAPO, regime=EW_DAPO_2021).when(in_force)
    assert story.position().duties[0].window.deadline == DEADLINE


def test_a_domestic_order_nobody_is_shown_to_know_of_is_proven_first() -> None:
    given(DAPO, regime=EW_DAPO_2021).when(DEADLINE).then(missed(MissJudgement.SERVICE_PROOF))


def test_a_domestic_order_served_when_the_window_had_closed_was_not_served_in_it() -> None:
    served = fact("2026-11-05 00:00", "OrderServed", order_kind="dapo", method="in_person")
    story = given(DAPO, regime=EW_DAPO_2021).when(served)
    story.then(missed(MissJudgement.SERVICE_PROOF))


def test_the_domestic_clock_is_off_while_a_stalking_order_runs() -> None:
    later = fact("2026-11-02 18:00", "DAPOMade", until="further_order")
    story = given(*LIVE, later, regime=EW_DAPO_2021).when(at("2026-11-03 09:00"))
    story.then_duties(("initial", "open"))
    assert story.position().duties[0].cause.startswith("full")


def test_when_the_stalking_order_ends_the_domestic_clock_begins() -> None:
    ended = fact("2026-11-20 09:00", "OrderDischarged")
    story = given(DAPO, *MET).when(ended)
    story.then_duties(("initial", "met"), ("dapo_initial", "open"))
    story.then_raised(AlertCode.DAPO_NOTIFICATION_STARTS)
    story.when(at("2026-11-23 00:00")).then_raised(AlertCode.NOTIFICATION_GAP_LEGAL_REVIEW)


def test_no_domestic_clock_for_him_on_the_sex_offender_register() -> None:
    ended = fact("2026-11-20 09:00", "OrderDischarged")
    given(SOA_STARTED, DAPO, *LIVE).when(ended).then_duties()


def test_no_domestic_clock_once_the_domestic_order_is_over() -> None:
    short = fact("2026-11-02 09:30", "DAPOMade", last_day="2026-11-10")
    ended = fact("2026-11-20 09:00", "OrderDischarged")
    given(short, *MET).when(ended).then_duties(("initial", "met"))


def test_no_domestic_clock_while_a_full_order_follows_the_interim() -> None:
    replaced = fact("2026-11-20 10:00", "FullOrderGranted", until="further_order")
    story = given(DAPO, APPLIED, INTERIM, INTERIM_SERVED, NOTIFIED).when(replaced)
    story.then_duties(("initial", "met"))


def test_in_northern_ireland_the_clock_runs_from_the_day_in_force() -> None:
    applied = APPLIED.fact.model_dump(mode="json") | {"force": "PSNI"}
    made = (fact("2026-11-02 09:00", "ApplicationMade", **applied), GRANTED)
    from_later = fact("2026-11-02 10:00", "OrderInForce", from_="2026-11-05")
    story = given(*made, from_later, SERVED, regime=NI_PSA_2022).when(at("2026-11-08 00:00"))
    story.then((NotificationMissed, {"judgement": MissJudgement.ARREST}))
    used = fact("2026-11-09 09:00", "NameUsed", name="Alex Moor")
    story.when(used).then_duties(("initial", "missed"), ("name", "open"))


def test_in_northern_ireland_losing_the_home_starts_no_clock() -> None:
    applied = APPLIED.fact.model_dump(mode="json") | {"force": "PSNI"}
    made = (fact("2026-11-02 09:00", "ApplicationMade", **applied), GRANTED, SERVED)
    lost = fact("2026-11-10 09:00", "HomeAddressCeased")
    given(*made, regime=NI_PSA_2022).when(lost).then_duties(("initial", "missed"))


# Biometrics, false information


def test_refused_fingerprints_are_an_offence() -> None:
    asked = fact("2026-11-03 11:10", "BiometricsRequested", kinds=["fingerprints"])
    refused = fact("2026-11-03 11:15", "BiometricsRefused")
    story = given(*MET, asked).when(refused)
    story.then((OffenceSuspected, {"suspicion": Suspicion.BIOMETRICS_REFUSED}))
    story.then_alerts(AlertCode.BIOMETRICS_REFUSED)


def test_what_was_known_to_be_false_is_an_offence() -> None:
    found = fact("2026-11-09 09:00", "NotificationFoundFalse", knowledge="known_false")
    story = given(*MET).when(found)
    story.then((OffenceSuspected, {"first_day": at("2026-11-03 00:00").date()}))
    story.then_alerts(AlertCode.FALSE_NOTIFICATION).then_duties(("initial", "disputed"))


def test_found_false_the_moment_it_was_told() -> None:
    found = fact("2026-11-03 11:00", "NotificationFoundFalse", knowledge="known_false")
    given(*MET).when(found).then_alerts(AlertCode.FALSE_NOTIFICATION)


def test_only_the_notification_found_false_is_disputed() -> None:
    again = notified("2026-11-08 09:00", names=["Robin Marsh"])
    found = fact("2026-11-09 09:00", "NotificationFoundFalse", knowledge="known_false")
    given(*MET, again).when(found).then_duties(("initial", "met"))


def test_a_telephone_call_in_between_is_not_what_was_found_false() -> None:
    rang = notified("2026-11-08 09:00", method="telephone")
    found = fact("2026-11-09 09:00", "NotificationFoundFalse", knowledge="known_false")
    given(*MET).when(rang, found).then_duties(("initial", "disputed"))


def test_an_honest_mistake_is_looked_into() -> None:
    found = fact("2026-11-09 09:00", "NotificationFoundFalse", knowledge="honest_mistake")
    story = given(*MET).when(found).then_concerns("address_unconfirmed")
    story.then_alerts(AlertCode.ADDRESS_CHECK_FOLLOW_UP).then_duties(("initial", "met"))


def test_nothing_is_false_where_nothing_was_told() -> None:
    found = fact("2026-11-03 09:00", "NotificationFoundFalse", knowledge="known_false")
    given(*LIVE).when(found).then_nothing().then_alerts()


def test_what_was_told_afterwards_is_not_what_was_found_false() -> None:
    found = fact("2026-11-03 09:00", "NotificationFoundFalse", knowledge="known_false")
    given(*LIVE, found).when(NOTIFIED).then_nothing().then_duties(("initial", "met"))


def test_each_failure_may_be_prosecuted_once() -> None:
    names = [fact(f"2026-11-1{day} 09:00", "NameUsed", name=f"Alex {day}") for day in (0, 1)]
    charges = [fact(f"2026-11-2{day} 09:00", "Charged", offence="s11_name") for day in (0, 1, 2)]
    story: Story = given(*MET, *names).when(*charges[:2])
    assert not story.refusals
    story.when(charges[2]).then_refused("ALREADY_PROSECUTED_FOR_SAME_FAILURE")
