from typing import Any

import pytest

from domain.alerts import AlertCode
from domain.findings import BreachJudgement, BreachRecorded, FindingWithdrawn, WithdrawalReason
from domain.regimes import EW_DAPO_2021, NI_PSA_2022
from domain.vocabulary import Statement
from tests.given_when_then import (
    APPLIED,
    GRANTED,
    INTERIM,
    INTERIM_SERVED,
    NOTIFIED,
    SERVED,
    Expected,
    Story,
    breach,
    fact,
    given,
)

LIVE = (APPLIED, GRANTED, SERVED, NOTIFIED)
ON = "2026-11-10 20:00"
APPOINTMENT = {"code": "R-PROGRAMME", "provider": "Probation"}


def granted(*conditions: dict[str, Any], **data: Any) -> Statement:
    return fact(
        "2026-11-02 10:00",
        "FullOrderGranted",
        **{"until": "further_order", "conditions": list(conditions)} | data,
    )


def judged(judgement: BreachJudgement, **values: Any) -> Expected:
    return BreachRecorded, {"judgement": judgement, **values}


def doubts(story: Story) -> tuple[str, ...]:
    return next(e.doubts for e in story.concluded() if isinstance(e, BreachRecorded))


def test_contact_that_is_forbidden_is_a_breach() -> None:
    story = given(*LIVE).when(breach(ON))
    story.then(judged(BreachJudgement.ARREST, condition="P-CONTACT-DIRECT", terms_version=1))
    story.then_alerts(AlertCode.BREACH_ARREST).then_position(status="breached", in_force="full")
    assert story.position().facets == ["breached(1)"]


def test_contact_begun_by_the_protected_person_is_still_a_breach() -> None:
    story = given(*LIVE).when(breach(ON, initiated_by="protected_person"))
    story.then(judged(BreachJudgement.ARREST, doubts=("contact_began_by_protected_person",)))


def test_one_incident_is_one_alert_however_often_reported() -> None:
    reports = [breach(f"2026-11-10 20:0{n}", incident="INC-1") for n in (0, 1)]
    given(*LIVE).when(*reports).then(judged(BreachJudgement.ARREST))


def test_a_weightier_report_of_one_incident_speaks_for_it() -> None:
    abroad = breach(ON, incident="INC-1", place="Alicante")
    at_home = breach("2026-11-10 20:30", incident="INC-1", place="Dover")
    story = given(*LIVE, abroad).when(at_home)
    story.then(FindingWithdrawn, judged(BreachJudgement.ARREST))
    story.then_alerts(AlertCode.BREACH_ARREST, AlertCode.ALERT_WITHDRAWN)


def test_a_report_from_before_service_weighs_least() -> None:
    unserved = breach("2026-11-10 20:00", occurred_at="2026-11-02 11:00", incident="INC-1")
    unclear = breach(
        "2026-11-10 21:00", incident="INC-1", condition="P-ZONE-DIST", measured_m=99, error_m=1
    )
    story = given(*LIVE, unserved).when(unclear)
    story.then(FindingWithdrawn, judged(BreachJudgement.CONFIRM_LOCATION))


def test_two_reports_without_an_incident_are_two_incidents() -> None:
    story = given(*LIVE).when(breach(ON), breach("2026-11-10 21:00"))
    story.then_alerts(AlertCode.BREACH_ARREST, AlertCode.BREACH_ARREST)
    assert story.position().facets == ["breached(2)"]


def test_reported_after_the_order_ended_it_is_still_an_offence() -> None:
    ended = fact("2026-11-20 09:00", "OrderDischarged")
    story = given(*LIVE, ended).when(breach("2026-11-21 09:00", occurred_at=ON))
    story.then(judged(BreachJudgement.HISTORIC)).then_alerts(AlertCode.BREACH_HISTORIC)
    story.then_position(status="discharged")


def test_done_when_no_order_ran_it_is_no_breach_but_somebody_looks() -> None:
    ended = fact("2026-11-20 09:00", "OrderDischarged")
    story = given(*LIVE, ended).when(breach("2026-11-20 09:00"))
    story.then_refused("ORDER_NOT_IN_FORCE_AT_OCCURRENCE")
    story.then_alerts(AlertCode.CONDUCT_NO_ORDER_IN_FORCE)


def test_judged_by_the_terms_of_the_time() -> None:
    varied = fact("2026-11-12 09:00", "OrderVaried", removes=["P-CONTACT-DIRECT"])
    story = given(*LIVE, varied).when(breach("2026-11-13 09:00", occurred_at=ON))
    story.then(judged(BreachJudgement.ARREST, terms_version=1))
    story.when(breach("2026-11-13 10:00"))
    story.then_refused("CONDITION_NOT_IN_FORCE_AT_OCCURRENCE")


def test_a_term_whose_own_period_is_over_binds_no_more() -> None:
    until = {"own_period": True, "period": {"last_day": "2026-11-09"}}
    order = granted({"code": "P-CONTACT-DIRECT"}, {"code": "P-APPROACH", **until})
    story = given(APPLIED, order, SERVED, NOTIFIED)
    story.when(breach(ON, condition="P-APPROACH"))
    story.then_refused("CONDITION_NOT_IN_FORCE_AT_OCCURRENCE")


# Whether the person knew


def test_unserved_and_absent_when_made_is_looked_at_first() -> None:
    order = granted({"code": "P-CONTACT-DIRECT"}, defendant_present=False)
    story = given(APPLIED, order).when(breach("2026-11-02 15:00"))
    story.then(judged(BreachJudgement.UNSERVED, doubts=("service_not_recorded",)))
    story.then_alerts(AlertCode.BREACH_REVIEW_UNSERVED).then_position(status="full_granted")
    assert story.position().facets == ["unserved"]


def test_present_in_court_he_knew() -> None:
    order = granted({"code": "P-CONTACT-DIRECT"}, defendant_present=True)
    given(APPLIED, order).when(breach("2026-11-02 15:00")).then(judged(BreachJudgement.ARREST))


def test_told_by_somebody_he_knew() -> None:
    story = given(APPLIED, GRANTED).when(breach("2026-11-02 15:00", defendant_aware=True))
    story.then(judged(BreachJudgement.ARREST))


def test_posted_to_him_is_not_shown_to_have_reached_him() -> None:
    posted = fact("2026-11-02 12:00", "OrderServed", method="post")
    story = given(APPLIED, GRANTED, posted).when(breach("2026-11-02 15:00"))
    story.then(judged(BreachJudgement.UNSERVED))


def test_a_breach_before_service_is_before_service() -> None:
    story = given(APPLIED, GRANTED, SERVED, NOTIFIED)
    story.when(breach(ON, occurred_at="2026-11-02 11:59")).then(judged(BreachJudgement.UNSERVED))


def varied_in_absence() -> tuple[Statement, ...]:
    adds = [{"code": "P-SEARCH"}]
    varied = fact("2026-11-05 09:00", "OrderVaried", adds=adds, necessity_found=True)
    return (*LIVE, varied)


def test_a_new_term_he_never_heard_of_is_looked_at_first() -> None:
    story = given(*varied_in_absence()).when(breach(ON, condition="P-SEARCH"))
    story.then(judged(BreachJudgement.UNSERVED, terms_version=2))


def test_the_old_terms_he_knew_all_along() -> None:
    given(*varied_in_absence()).when(breach(ON)).then(judged(BreachJudgement.ARREST))


def test_served_with_the_new_term_he_knows_it() -> None:
    served = fact("2026-11-06 09:00", "VariedTermsServed")
    story = given(*varied_in_absence(), served).when(breach(ON, condition="P-SEARCH"))
    story.then(judged(BreachJudgement.ARREST))


def test_the_first_service_of_new_terms_counts() -> None:
    served = [fact(f"2026-11-{day} 09:00", "VariedTermsServed") for day in ("06", "11")]
    story = given(*varied_in_absence(), *served).when(
        breach("2026-11-12 09:00", occurred_at=ON, condition="P-SEARCH")
    )
    story.then(judged(BreachJudgement.ARREST))


def test_heard_when_it_was_varied_he_knows_it() -> None:
    heard = fact(
        "2026-11-05 09:00",
        "OrderVaried",
        adds=[{"code": "P-SEARCH"}],
        necessity_found=True,
        heard=["defendant"],
    )
    story = given(*LIVE, heard).when(breach(ON, condition="P-SEARCH"))
    story.then(judged(BreachJudgement.ARREST))


def test_a_term_added_by_a_renewal_is_served_too() -> None:
    renewed = fact(
        "2026-11-05 09:00", "OrderRenewed", until="further_order", adds=[{"code": "P-SEARCH"}]
    )
    story = given(*LIVE, renewed).when(breach(ON, condition="P-SEARCH"))
    story.then(judged(BreachJudgement.UNSERVED))  # fmt: skip


def test_heard_when_it_was_renewed_he_knows_the_new_term() -> None:
    renewed = fact(
        "2026-11-05 09:00",
        "OrderRenewed",
        until="further_order",
        adds=[{"code": "P-SEARCH"}],
        heard=["defendant"],
    )
    story = given(*LIVE, renewed).when(breach(ON, condition="P-SEARCH"))
    story.then(judged(BreachJudgement.ARREST))


def test_a_term_added_to_an_interim_is_served_too() -> None:
    varied = fact("2026-11-05 09:00", "InterimVaried", adds=[{"code": "P-SEARCH"}])
    story = given(APPLIED, INTERIM, INTERIM_SERVED, NOTIFIED, varied)
    story.when(breach(ON, condition="P-SEARCH")).then(judged(BreachJudgement.UNSERVED))


def test_a_breach_of_the_interim_is_one_of_the_interim() -> None:
    story = given(APPLIED, INTERIM, INTERIM_SERVED, NOTIFIED).when(breach(ON))
    story.then(judged(BreachJudgement.ARREST, order_kind="interim"))
    story.then_position(in_force="interim")


# Where it was


@pytest.mark.parametrize(
    ("place", "judgement", "code"),
    [
        ("Dover", BreachJudgement.ARREST, AlertCode.BREACH_ARREST),
        ("Glasgow", BreachJudgement.CROSS_BORDER, AlertCode.BREACH_CROSS_BORDER),
        ("Belfast", BreachJudgement.CROSS_BORDER, AlertCode.BREACH_CROSS_BORDER),
        ("Alicante", BreachJudgement.OUTSIDE_UK, AlertCode.BREACH_REVIEW_OUTSIDE_UK),
    ],
)
def test_where_it_was_decides_what_may_be_done(
    place: str, judgement: BreachJudgement, code: AlertCode
) -> None:
    given(*LIVE).when(breach(ON, place=place)).then(judged(judgement)).then_alerts(code)


def test_a_place_nobody_knows_is_taken_as_here_and_said_so() -> None:
    story = given(*LIVE).when(breach(ON, place="Behind the old mill"))
    story.then(judged(BreachJudgement.ARREST, doubts=("place_unconfirmed",)))


def test_from_abroad_is_outside_the_kingdom_wherever_it_arrived() -> None:
    left = fact("2026-11-06 09:00", "LeftUnitedKingdom")
    story = given(*LIVE, left).when(breach(ON))
    story.then(judged(BreachJudgement.OUTSIDE_UK))


def test_an_order_of_northern_ireland_follows_a_resident_abroad() -> None:
    applied = APPLIED.fact.model_dump(mode="json") | {"force": "PSNI"}
    order = granted({"code": "P-CONTACT-DIRECT"}, resident_ni=True)
    made = (fact("2026-11-02 09:00", "ApplicationMade", **applied), order, SERVED)
    story = given(*made, regime=NI_PSA_2022).when(breach("2026-11-03 09:00", place="Dublin"))
    story.then(judged(BreachJudgement.ARREST))


def test_in_northern_ireland_not_having_known_is_no_answer_to_a_served_order() -> None:
    applied = APPLIED.fact.model_dump(mode="json") | {"force": "PSNI"}
    made = (fact("2026-11-02 09:00", "ApplicationMade", **applied), GRANTED, SERVED)
    story = given(*made, regime=NI_PSA_2022)
    story.when(breach("2026-11-03 09:00", defendant_aware=False))
    story.then(judged(BreachJudgement.ARREST))


def test_an_order_of_northern_ireland_reaches_scotland() -> None:
    applied = APPLIED.fact.model_dump(mode="json") | {"force": "PSNI"}
    made = (fact("2026-11-02 09:00", "ApplicationMade", **applied), GRANTED, SERVED)
    story = given(*made, regime=NI_PSA_2022).when(breach("2026-11-03 09:00", place="Glasgow"))
    story.then(judged(BreachJudgement.ARREST))


IN_KENT = {"code": "P-APPROACH", "locality_limited": True, "locality": "Kent"}


@pytest.mark.parametrize(
    ("place", "judgement"),
    [
        ("Dover", BreachJudgement.ARREST),
        ("Behind the old mill", BreachJudgement.CONFIRM_LOCATION),
        (None, BreachJudgement.CONFIRM_LOCATION),
    ],
    ids=["inside", "who knows where", "not said where"],
)
def test_a_term_limited_to_kent_binds_where_it_was_in_kent(
    place: str | None, judgement: BreachJudgement
) -> None:
    story = given(APPLIED, granted(IN_KENT), SERVED, NOTIFIED)
    story.when(breach(ON, condition="P-APPROACH", place=place)).then(judged(judgement))


def test_a_place_named_without_limiting_the_term_limits_nothing() -> None:
    everywhere = {"code": "P-APPROACH", "locality": "Kent"}
    story = given(APPLIED, granted(everywhere), SERVED, NOTIFIED)
    story.when(breach(ON, condition="P-APPROACH", place="Manchester"))
    story.then(judged(BreachJudgement.ARREST))


@pytest.mark.parametrize(
    ("measured", "error", "judgement"),
    [
        (60, 20, BreachJudgement.ARREST),
        (99.9, None, BreachJudgement.ARREST),
        (80, 20, BreachJudgement.CONFIRM_LOCATION),
        (100, None, BreachJudgement.CONFIRM_LOCATION),
    ],
)
def test_a_measured_distance_must_be_inside_with_all_its_error(
    measured: float, error: float | None, judgement: BreachJudgement
) -> None:
    report = breach(ON, condition="P-ZONE-DIST", measured_m=measured, error_m=error)
    story = given(*LIVE).when(report).then(judged(judgement))
    assert ("position_error_not_stated" in doubts(story)) is (error is None)


def test_a_distance_to_a_term_without_metres_decides_nothing() -> None:
    story = given(APPLIED, granted({"code": "P-APPROACH"}), SERVED, NOTIFIED)
    story.when(breach(ON, condition="P-APPROACH", measured_m=5, error_m=1))
    story.then(judged(BreachJudgement.ARREST))


# In custody, in hospital


def test_contact_from_prison_is_blocked_and_nobody_goes_out() -> None:
    held = fact("2026-11-06 09:00", "CustodyStarted", kind="remand")
    story = given(*LIVE, held).when(breach(ON))
    story.then(
        judged(
            BreachJudgement.IN_CUSTODY,
            contact_from_custody=True,
            doubts=("in_custody_at_the_time",),
        )
    )
    story.then_alerts(AlertCode.BREACH_IN_CUSTODY, AlertCode.PRISON_CONTACT_BLOCK)


def test_freed_before_it_is_reported_there_is_nothing_to_block() -> None:
    held = fact("2026-11-06 09:00", "CustodyStarted", kind="remand")
    freed = fact("2026-11-11 09:00", "CustodyEnded")
    story = given(*LIVE, held, freed).when(breach("2026-11-11 10:00", occurred_at=ON))
    story.then(judged(BreachJudgement.ARREST, contact_from_custody=False))


def test_held_when_it_is_reported_nobody_goes_out() -> None:
    held = fact("2026-11-11 09:00", "CustodyStarted", kind="remand")
    story = given(*LIVE, held).when(breach("2026-11-11 10:00", occurred_at=ON))
    story.then(judged(BreachJudgement.IN_CUSTODY, contact_from_custody=False, doubts=()))
    story.then_alerts(AlertCode.BREACH_IN_CUSTODY)


def test_nobody_stands_at_the_gate_who_is_in_prison() -> None:
    held = fact("2026-11-06 09:00", "CustodyStarted", kind="remand")
    freed = fact("2026-11-11 09:00", "CustodyEnded")
    seen = breach("2026-11-11 10:00", occurred_at=ON, condition="P-ZONE-DIST")
    given(*LIVE, held, freed).when(seen).then(judged(BreachJudgement.CONFIRM_LOCATION))


def test_nobody_stands_at_the_gate_who_is_in_hospital() -> None:
    held = fact("2026-11-06 09:00", "HospitalDetentionStarted")
    freed = fact("2026-11-11 09:00", "HospitalDetentionEnded")
    seen = breach("2026-11-11 10:00", occurred_at=ON, condition="P-ZONE-DIST")
    story = given(*LIVE, held, freed).when(seen).then(judged(BreachJudgement.CONFIRM_LOCATION))
    assert doubts(story) == ("in_hospital_at_the_time",)


# Requirements, retractions


def test_a_missed_appointment_is_asked_about_before_it_is_anything() -> None:
    missed = fact(ON, "AppointmentMissed", condition="R-PROGRAMME", reason_given="unwell")
    story = given(APPLIED, granted(APPOINTMENT), SERVED, NOTIFIED).when(missed)
    story.then(judged(BreachJudgement.REQUIREMENT)).then_alerts(AlertCode.BREACH_REQUIREMENT)


def test_a_report_in_error_stops_counting_and_stays() -> None:
    retracted = fact("2026-11-11 09:00", "BreachRetracted", incident="INC-1", reason="error")
    story = given(*LIVE, breach(ON, incident="INC-1")).when(retracted)
    story.then((FindingWithdrawn, {"reason": WithdrawalReason.REPORT_RETRACTED}))
    story.then_alerts(AlertCode.ALERT_WITHDRAWN).then_position(status="full_granted")
    assert len(story.order.withdrawn) == 1


def test_a_retraction_that_names_no_incident_means_the_last_report() -> None:
    reports = breach(ON, incident="INC-1"), breach("2026-11-10 21:00", incident="INC-2")
    story = given(*LIVE, *reports).when(fact("2026-11-11 09:00", "BreachRetracted"))
    story.then(FindingWithdrawn)
    assert story.order.withdrawn[0].event.key == "breach:INC-2"


def test_a_retraction_means_the_report_told_last_not_the_one_that_happened_last() -> None:
    told_last = breach("2026-11-10 22:00", occurred_at="2026-11-09 09:00", incident="INC-2")
    retracted = fact("2026-11-11 09:00", "BreachRetracted")
    story = given(*LIVE, breach(ON, incident="INC-1"), told_last).when(retracted)
    assert [entry.event.key for entry in story.order.withdrawn] == ["breach:INC-2"]


def test_a_retraction_that_names_nothing_may_mean_a_missed_appointment() -> None:
    missed = fact(ON, "AppointmentMissed", condition="R-PROGRAMME")
    story = given(APPLIED, granted(APPOINTMENT), SERVED, NOTIFIED, missed)
    story.when(fact("2026-11-11 09:00", "BreachRetracted")).then_alerts(AlertCode.ALERT_WITHDRAWN)


def test_a_missed_appointment_is_retracted_by_the_name_of_its_report() -> None:
    missed = fact(ON, "AppointmentMissed", condition="R-PROGRAMME")
    story = given(APPLIED, granted(APPOINTMENT), SERVED, NOTIFIED, missed)
    incident = f"report-{story.order.facts[-1].originator_version}"
    story.when(fact("2026-11-11 09:00", "BreachRetracted", incident=incident))
    story.then((FindingWithdrawn, {"reason": WithdrawalReason.REPORT_RETRACTED}))


# Domestic abuse protection orders


def dapo(**data: Any) -> Statement:
    return fact("2026-11-02 09:30", "DAPOMade", until="further_order", **data)


def test_a_domestic_order_made_to_his_face_binds_at_once() -> None:
    story = given(dapo(), regime=EW_DAPO_2021).when(breach("2026-11-02 15:00"))
    story.then(judged(BreachJudgement.ARREST, order_kind="dapo"))
    story.then_position(status="breached", in_force="full")


def test_a_domestic_order_made_without_notice_binds_once_he_knows() -> None:
    unaware = breach("2026-11-02 15:00", defendant_aware=False)
    aware = breach("2026-11-02 16:00", defendant_aware=True)
    story = given(dapo(without_notice=True), regime=EW_DAPO_2021).when(unaware)
    story.then(judged(BreachJudgement.UNSERVED))
    story.when(aware).then(judged(BreachJudgement.ARREST))


def test_not_having_known_is_no_answer_to_a_served_stalking_order() -> None:
    story = given(*LIVE).when(breach(ON, defendant_aware=False))
    story.then(judged(BreachJudgement.ARREST))


def test_beside_a_domestic_order_the_stalking_order_is_the_one_broken() -> None:
    story = given(dapo(), *LIVE).when(breach(ON))
    story.then(judged(BreachJudgement.ARREST, order_kind="full"))


def test_of_two_orders_the_one_that_holds_the_term_is_broken() -> None:
    domestic = dapo(conditions=[{"code": "P-SEARCH"}])
    story = given(domestic, *LIVE, regime=EW_DAPO_2021).when(breach(ON, condition="P-SEARCH"))
    story.then(judged(BreachJudgement.ARREST, order_kind="dapo"))
