from typing import Any

import pytest

from domain.refusals import REFUSALS, refused
from domain.regimes import EW_DAPO_2021, EW_SPA_2019, NI_PSA_2022, Regime
from domain.vocabulary import Statement
from tests.given_when_then import (
    APPLIED,
    GRANTED,
    INTERIM,
    NOTIFIED,
    SERVED,
    breach,
    fact,
    given,
)

LATER = "2026-11-03 14:00"
APPLICATION = APPLIED.fact.model_dump(mode="json", exclude_unset=True)
ZONE = {"code": "P-ZONE-AREA", "area": "Dover town centre"}
SIGN_ON = {"code": "R-SIGN-ON", "at": "Dover"}
DIED = fact("2026-11-03 10:00", "DefendantDied")
REFUSED = fact("2026-11-02 10:00", "ApplicationRefused")
WITHDRAWN = fact("2026-11-02 10:00", "ApplicationWithdrawn")
MADE = (APPLIED, GRANTED)
LIVE = (APPLIED, GRANTED, SERVED)


def applied(**changes: Any) -> Statement:
    return fact("2026-11-02 09:00", "ApplicationMade", **APPLICATION | changes)


def granted(**data: Any) -> Statement:
    return fact("2026-11-02 10:00", "FullOrderGranted", **{"until": "further_order"} | data)


def varied(**data: Any) -> Statement:
    return fact(LATER, "OrderVaried", **{"applicant": "chief_officer"} | data)


def discharged(local: str = LATER, **data: Any) -> Statement:
    return fact(local, "OrderDischarged", **data)


def appealed(by: str, against: str) -> Statement:
    return fact(LATER, "AppealLodged", by=by, against=against)


Claim = tuple[str, str, tuple[Statement, ...], Statement]

CLAIMS: tuple[Claim, ...] = (
    ("a victim cannot apply", "APPLICANT_NOT_CHIEF_OFFICER", (), applied(applicant="victim")),
    (
        "Police Scotland cannot apply",
        "APPLICANT_NOT_CHIEF_OFFICER",
        (),
        applied(force="Police Scotland"),
    ),
    ("a force nobody knows cannot apply", "APPLICANT_NOT_CHIEF_OFFICER", (), applied(force="Mars")),
    ("a force without a link to its area cannot apply", "NO_AREA_NEXUS", (), applied(nexus=None)),
    (
        "an adult court does not try a child",
        "YOUTH_COURT_REQUIRED",
        (),
        applied(defendant_age=17),
    ),
    (
        "nobody applies against a child of nine",
        "BELOW_AGE_OF_CRIMINAL_RESPONSIBILITY",
        (),
        applied(defendant_age=9, court="youth"),
    ),
    (
        "one reference has one application",
        "APPLICATION_ALREADY_MADE",
        (APPLIED,),
        fact(LATER, "ApplicationMade", **APPLICATION),
    ),
    ("nothing is granted unasked", "NO_APPLICATION_PENDING", (), granted()),
    ("a refused application is not granted", "NO_APPLICATION_PENDING", (APPLIED, REFUSED), GRANTED),
    ("a withdrawn application is not refused", "NO_APPLICATION_PENDING", (APPLIED, WITHDRAWN), fact(LATER, "ApplicationRefused")),
    ("a granted application is not withdrawn", "NO_APPLICATION_PENDING", MADE, fact(LATER, "ApplicationWithdrawn")),
    ("no order is older than the Act", "BEFORE_COMMENCEMENT", (APPLIED,), granted(made_on="2020-01-19")),
    ("no order on conviction before that is law", "ROUTE_NOT_COMMENCED", (), granted(origin="conviction", court="crown")),
    (
        "no order on acquittal of the day before that is law",
        "ROUTE_NOT_COMMENCED",
        (fact("2026-11-01 09:00", "RegimeSwitch", feature="spo_on_acquittal", from_="2026-11-03"),),
        granted(origin="acquittal", court="crown"),
    ),
    (
        "a magistrates' court makes no full order against a child",
        "YOUTH_COURT_REQUIRED",
        (applied(defendant_age=16, court="youth"),),
        granted(court="magistrates"),
    ),
    ("an order states its period", "S6_CONTENT_MISSING", (APPLIED,), granted(until=None)),
    ("an order without a term is none", "S6_CONTENT_MISSING", (APPLIED,), granted(conditions=[])),
    ("a term limited to a locality names it", "S6_CONTENT_MISSING", (APPLIED,), granted(conditions=[{"code": "P-ZONE-AREA", "locality_limited": True}])),
    ("a term with a period of its own states it", "S6_CONTENT_MISSING", (APPLIED,), granted(conditions=[{"code": "P-ZONE-AREA", "own_period": True}])),
    ("a renewal states its new end", "S6_CONTENT_MISSING", MADE, fact(LATER, "OrderRenewed")),
    ("a term added later is complete too", "S6_CONTENT_MISSING", MADE, varied(adds=[{"code": "P-ZONE-AREA", "locality_limited": True}], necessity_found=True)),
    ("a day short of two years is too short", "FIXED_PERIOD_UNDER_2_YEARS", (APPLIED,), granted(until=None, last_day="2028-10-31")),
    (
        "nobody is told to sign on where he may not go",
        "INCOMPATIBLE_WITH_EARLIER_SPO",
        (APPLIED, fact("2026-11-01 09:00", "ExistingOrder", order_ref="SPO-0", conditions=[ZONE])),
        granted(conditions=[SIGN_ON]),
    ),
    (
        "nobody is barred from where he must sign on",
        "INCOMPATIBLE_WITH_EARLIER_SPO",
        (APPLIED, fact("2026-11-01 09:00", "ExistingOrder", order_ref="SPO-0", conditions=[SIGN_ON])),
        granted(conditions=[ZONE]),
    ),
    ("an interim needs a main application", "INTERIM_WITHOUT_MAIN_APPLICATION", (), INTERIM),
    ("an interim is not asked for after the full order", "INTERIM_WITHOUT_MAIN_APPLICATION", MADE, fact(LATER, "InterimApplied", force="Kent")),
    ("another force asks for no interim", "INTERIM_APPLICANT_MISMATCH", (APPLIED,), fact(LATER, "InterimApplied", force="Essex")),
    ("an interim is never until further order", "INTERIM_NEEDS_FIXED_PERIOD", (APPLIED,), fact(LATER, "InterimOrderGranted", until="further_order")),
    ("another force renews no interim", "INTERIM_S5_7_APPLICANT", (APPLIED, INTERIM), fact(LATER, "InterimRenewed", applicant="chief_officer", force="Essex", last_day="2026-12-31")),
    ("a victim varies no interim", "INTERIM_S5_7_APPLICANT", (APPLIED, INTERIM), fact(LATER, "InterimVaried", applicant="victim")),
    ("an interim that has run out is not renewed", "ORDER_NOT_IN_FORCE", (APPLIED, INTERIM), fact("2026-12-01 00:00", "InterimRenewed", last_day="2026-12-31")),
    ("a term added to an interim is complete", "S6_CONTENT_MISSING", (APPLIED, INTERIM), fact(LATER, "InterimVaried", adds=[{"code": "P-ZONE-AREA", "own_period": True}])),
    ("an order is served after it was made", "ORDER_NOT_IN_FORCE", (APPLIED,), SERVED),
    ("a full order is not served as an interim", "ORDER_NOT_IN_FORCE", MADE, fact(LATER, "OrderServed", order_kind="interim")),
    ("a domestic order nobody made is not served", "ORDER_NOT_IN_FORCE", MADE, fact(LATER, "OrderServed", order_kind="dapo")),
    ("service was not before the order was made", "ORDER_NOT_IN_FORCE", LIVE, fact(LATER, "ServiceCorrected", served_at="2026-11-02 09:59")),
    ("nothing is posted before it is made", "ORDER_NOT_IN_FORCE", (APPLIED,), fact(LATER, "OrderPosted")),
    ("an order that is none is not varied", "ORDER_NOT_IN_FORCE", (APPLIED,), varied()),
    ("no renewal of an order that ran out", "ORDER_NOT_IN_FORCE", (APPLIED, granted(until=None, last_day="2028-11-01")), fact("2028-11-02 00:00", "RenewalApplied")),
    ("a victim cannot have the order varied", "S4_APPLICANT_NOT_ELIGIBLE", MADE, varied(applicant="victim")),
    ("a chief officer without a link cannot have it varied", "S4_APPLICANT_NOT_ELIGIBLE", MADE, varied(role="none")),
    ("nothing is varied behind the defendant's back", "S4_PARTY_NOT_HEARD", MADE, varied(heard=["chief_officer"])),
    ("a new term must be found necessary", "VARIATION_NOT_NECESSARY", MADE, varied(adds=[ZONE], necessity_found=False)),
    ("a renewal adds no term that is not necessary", "VARIATION_NOT_NECESSARY", MADE, fact(LATER, "OrderRenewed", until="further_order", adds=[ZONE], necessity_found=None)),
    ("an early discharge needs the defendant's consent", "DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING", MADE, discharged(applicant="chief_officer", consents=["chief_officer_applied"])),
    ("an early discharge needs the applying chief's own consent", "DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING", MADE, discharged(applicant="chief_officer", role="residence_area", consents=["defendant", "chief_officer_applied"])),
    ("a defendant's early discharge needs the first applicant's consent", "DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING", MADE, discharged(applicant="defendant", consents=["defendant", "chief_officer_residence"])),
    ("and that of the force where he now lives", "DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING", MADE, discharged(applicant="defendant", consents=["defendant", "chief_officer_applied"], residence_area="EW-other-force")),
    ("a discharge by consent of nobody is none", "DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING", MADE, discharged(consents=[])),
    ("a victim has no appeal", "APPEAL_NOT_AVAILABLE", MADE, appealed("victim", "making_full")),
    ("nobody appeals an interim never made", "APPEAL_NOT_AVAILABLE", MADE, appealed("defendant", "making_interim")),
    ("nobody appeals a full order never made", "APPEAL_NOT_AVAILABLE", (APPLIED, INTERIM), appealed("defendant", "making_full")),
    ("nobody appeals a refusal that never was", "APPEAL_NOT_AVAILABLE", MADE, appealed("chief_officer_applied", "refusal_full")),
    ("an appeal never lodged is not allowed", "APPEAL_NOT_AVAILABLE", MADE, fact(LATER, "AppealAllowed", effect="order_quashed")),
    ("nothing done before the order breaks it", "ORDER_NOT_IN_FORCE_AT_OCCURRENCE", LIVE, breach(LATER, occurred_at="2026-11-02 09:30")),
    ("a term the order lacks is not broken", "CONDITION_NOT_IN_FORCE_AT_OCCURRENCE", LIVE, breach(LATER, condition="P-SEARCH")),
    (
        "a term limited to Dover binds in Dover",
        "OUTSIDE_LOCALITY",
        (APPLIED, granted(conditions=[{"code": "P-APPROACH", "locality_limited": True, "locality": "Dover"}])),
        breach(LATER, condition="P-APPROACH", place="Manchester"),
    ),
    ("nobody notifies by telephone", "NOTIFICATION_METHOD_INVALID", LIVE, fact(LATER, "NotificationReceived", method="telephone")),
    ("a solicitor does not notify", "NOTIFICATION_NOT_BY_DEFENDANT", LIVE, fact(LATER, "NotificationReceived", by="solicitor")),
    ("a Scottish station takes no notification", "NOTIFICATION_WRONG_STATION_AREA", LIVE, fact(LATER, "NotificationReceived", station_area="scotland")),
    ("with a home in Kent the court's station is the wrong one", "NOTIFICATION_WRONG_STATION_AREA", LIVE, fact(LATER, "NotificationReceived", station_area="court_area", home_address="5 Snargate Street, Dover")),
    ("after the move the old station is the wrong one", "NOTIFICATION_WRONG_STATION_AREA", (*LIVE, fact("2026-11-03 09:00", "HomeAddressChanged", to="9 Elm Row", to_area="EW-other-force")), fact(LATER, "NotificationReceived", station_area="old_home_area")),
    ("refusing fingerprints nobody asked for is no offence", "BIOMETRICS_NOT_REQUESTED", LIVE, fact(LATER, "BiometricsRefused")),
    ("nor ones asked for to another end", "BIOMETRICS_NOT_REQUESTED", (*LIVE, fact("2026-11-03 09:00", "BiometricsRequested", purpose="investigation")), fact(LATER, "BiometricsRefused")),
    ("one failure is prosecuted once", "ALREADY_PROSECUTED_FOR_SAME_FAILURE", (*LIVE, fact("2026-11-06 09:00", "Charged", offence="s11_initial")), fact("2026-11-07 09:00", "Charged", offence="s11_initial")),
    ("no conditional discharge for a breach", "CONDITIONAL_DISCHARGE_BARRED", LIVE, fact(LATER, "CourtOutcome", offence="s8", disposal="conditional_discharge")),
    ("what nobody reported is not retracted", "NOTHING_TO_RETRACT", LIVE, fact(LATER, "BreachRetracted")),
    ("an incident nobody reported is not retracted", "NOTHING_TO_RETRACT", (*LIVE, breach("2026-11-03 10:00", incident="INC-1")), fact(LATER, "BreachRetracted", incident="INC-2")),
    ("the dead break no order", "DEFENDANT_DEAD", (*LIVE, DIED), breach(LATER)),
)  # fmt: skip
REGISTER_SAYS = {"UNKNOWN_ORDER", "ORDER_OF_ANOTHER_FORCE", "PERSON_ERASED"}
"""Said by the register before an order is asked."""


@pytest.mark.parametrize(
    ("code", "before", "told"),
    [claim[1:] for claim in CLAIMS],
    ids=[claim[0] for claim in CLAIMS],
)
def test_it_is_refused(code: str, before: tuple[Statement, ...], told: Statement) -> None:
    given(*before).when(told).then_refused(code)


def test_every_refusal_has_its_claim() -> None:
    assert {claim[1] for claim in CLAIMS} | REGISTER_SAYS == set(REFUSALS)


@pytest.mark.parametrize(
    ("before", "told"),
    [(before, told) for _, code, before, told in CLAIMS if not code.startswith(("NOTIFICATION", "OUTSIDE")) and not code.endswith("OCCURRENCE")],
    ids=[claim for claim, code, *_ in CLAIMS if not code.startswith(("NOTIFICATION", "OUTSIDE")) and not code.endswith("OCCURRENCE")],
)  # fmt: skip
def test_what_is_refused_is_kept_and_changes_nothing(
    before: tuple[Statement, ...], told: Statement
) -> None:
    story = given(*before, told.recorded_at)
    was = story.position()
    story.when(told)
    assert story.position() == was
    assert [entry.event.fact for entry in story.order.refused] == [told.fact]
    assert not story.concluded()


LAWFUL: tuple[tuple[str, Regime, tuple[Statement, ...], Statement], ...] = (
    (
        "the transport police have no area to keep to",
        EW_SPA_2019,
        (),
        applied(force="British Transport Police", nexus=None),
    ),
    ("a youth court hears the case of a child of ten", EW_SPA_2019, (), applied(defendant_age=10, court="youth")),
    ("an age nobody knows is no bar", EW_SPA_2019, (), applied(defendant_age=None)),
    ("the Chief Constable applies in Northern Ireland", NI_PSA_2022, (), applied(force="PSNI", nexus=None)),
    ("a victim may ask for a domestic order", EW_DAPO_2021, (), applied(applicant="victim")),
    ("exactly two years are enough", EW_SPA_2019, (APPLIED,), granted(until=None, last_day="2028-11-01")),
    ("a domestic order has no shortest period", EW_DAPO_2021, (APPLIED,), granted(until=None, last_day="2026-12-01")),
    ("an order on conviction once that is law", EW_SPA_2019, (fact("2026-11-01 09:00", "RegimeSwitch", feature="spo_on_conviction", from_="2026-11-02"),), granted(origin="conviction", court="crown")),
    ("the defendant has an interim discharged", EW_SPA_2019, (APPLIED, INTERIM), fact(LATER, "InterimDischarged", applicant="defendant")),
    ("the force that applied renews its interim", EW_SPA_2019, (APPLIED, INTERIM), fact(LATER, "InterimRenewed", applicant="chief_officer", force="Kent Police", last_day="2026-12-31")),
    ("an interim gets a term more", EW_SPA_2019, (APPLIED, INTERIM), fact(LATER, "InterimVaried", adds=[ZONE])),
    ("the force that applied asks for an interim", EW_SPA_2019, (APPLIED,), fact(LATER, "InterimApplied", force="Kent")),
    ("somebody asks for an interim", EW_SPA_2019, (APPLIED,), fact(LATER, "InterimApplied")),
    ("a term is taken away without a finding", EW_SPA_2019, MADE, varied(removes=["P-ZONE-DIST"])),
    ("a new term found necessary", EW_SPA_2019, MADE, varied(adds=[ZONE], necessity_found=True, heard=["defendant"])),
    ("the defendant has the order varied", EW_SPA_2019, MADE, varied(applicant="defendant")),
    ("a renewal gets a term more", EW_SPA_2019, MADE, fact(LATER, "OrderRenewed", last_day="2029-01-31", adds=[ZONE])),
    ("an early discharge with both consents", EW_SPA_2019, MADE, discharged(applicant="chief_officer", consents=["defendant", "chief_officer_making_application"])),
    ("the chief who applied consents by asking", EW_SPA_2019, MADE, discharged(applicant="chief_officer", role="applied_for_order", consents=["defendant", "chief_officer_applied"])),
    ("the chief where he lives consents by asking", EW_SPA_2019, MADE, discharged(applicant="chief_officer", role="residence_area", consents=["defendant", "chief_officer_residence"])),
    ("a defendant's early discharge with every consent", EW_SPA_2019, MADE, discharged(applicant="defendant", consents=["defendant", "chief_officer_applied", "chief_officer_residence"], residence_area="EW-other-force")),
    ("a chief officer in Scotland has no say", EW_SPA_2019, MADE, discharged(applicant="defendant", consents=["defendant", "chief_officer_applied"], residence_area="scotland")),
    ("after two years no consent is needed", EW_SPA_2019, MADE, discharged("2028-11-02 00:00", applicant="defendant", consents=[])),
    ("a bare record of a discharge is taken as regular", EW_SPA_2019, MADE, discharged()),
    ("a domestic order is discharged without consents", EW_DAPO_2021, MADE, discharged(applicant="defendant", consents=[])),
    ("a chief officer appeals the refusal", EW_SPA_2019, (APPLIED, REFUSED), appealed("chief_officer_applied", "refusal_full")),
    ("the defendant appeals the interim", EW_SPA_2019, (APPLIED, INTERIM), appealed("defendant", "making_interim")),
    ("a relevant chief appeals what the defendant was given", EW_SPA_2019, MADE, appealed("relevant_chief_officer", "s4_order_on_defendant_application")),
    ("each breach is charged by itself", EW_SPA_2019, (*LIVE, fact("2026-11-06 09:00", "Charged", offence="s8")), fact("2026-11-07 09:00", "Charged", offence="s8")),
    ("a fine for a breach", EW_SPA_2019, LIVE, fact(LATER, "CourtOutcome", offence="s8", disposal="fine")),
    ("a station of the court's area for him who has no home here", EW_SPA_2019, LIVE, fact(LATER, "NotificationReceived", station_area="court_area", home_address="12 Princes Street, Edinburgh")),
    ("the old station before the move", EW_SPA_2019, LIVE, fact(LATER, "NotificationReceived", station_area="old_home_area")),
    ("a station named nowhere is taken as the right one", EW_SPA_2019, LIVE, fact(LATER, "NotificationReceived")),
    ("an unknown address is taken as one in England and Wales", EW_SPA_2019, LIVE, fact(LATER, "NotificationReceived", station_area="home_address_area", home_address="The Old Dairy")),
    ("terms that are compatible stand beside each other", EW_SPA_2019, (APPLIED, fact("2026-11-01 09:00", "ExistingOrder", order_ref="SPO-0", conditions=[ZONE, {"code": "P-ZONE-AREA"}])), granted(conditions=[SIGN_ON | {"at": "Folkestone"}, ZONE])),
)  # fmt: skip


@pytest.mark.parametrize(
    ("regime", "before", "told"),
    [claim[1:] for claim in LAWFUL],
    ids=[claim[0] for claim in LAWFUL],
)
def test_it_is_lawful(regime: Regime, before: tuple[Statement, ...], told: Statement) -> None:
    story = given(*before, regime=regime).when(told)
    assert not story.refusals
    assert story.order.facts[-1].event == told.fact


def test_an_early_discharge_in_northern_ireland_needs_the_chief_constable() -> None:
    made = (applied(force="PSNI"), granted())
    alone = discharged(consents=["defendant"])
    both = discharged(consents=["defendant", "chief_constable"])
    story = given(*made, regime=NI_PSA_2022).when(alone)
    story.then_refused("DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING")
    assert not story.when(both).refusals


def test_in_northern_ireland_each_fixed_term_runs_two_years() -> None:
    short = [{"code": "P-ZONE-AREA", "own_period": True, "period": {"last_day": "2028-10-31"}}]
    story = given(applied(force="PSNI"), regime=NI_PSA_2022)
    story.when(granted(conditions=short)).then_refused("FIXED_PERIOD_UNDER_2_YEARS")


@pytest.mark.parametrize(("made_on", "lawful"), [("2022-04-26", False), ("2022-04-27", True)])
def test_no_order_of_northern_ireland_is_older_than_its_act(*, made_on: str, lawful: bool) -> None:
    applied_then = APPLICATION | {"force": "PSNI"}
    story = given(fact("2022-04-20 09:00", "ApplicationMade", **applied_then), regime=NI_PSA_2022)
    made = fact(f"{made_on} 10:00", "FullOrderGranted", until="further_order")
    assert (not story.when(made).refusals) is lawful


def test_in_northern_ireland_exactly_two_years_are_enough() -> None:
    story = given(applied(force="PSNI"), regime=NI_PSA_2022)
    assert not story.when(granted(until=None, last_day="2028-11-01")).refusals


def test_in_northern_ireland_two_years_on_no_consent_is_needed() -> None:
    story = given(applied(force="PSNI"), granted(), regime=NI_PSA_2022)
    assert not story.when(discharged("2028-11-02 00:00", consents=[])).refusals


def test_a_day_before_the_two_years_are_over_the_consents_are_needed() -> None:
    story = given(*MADE).when(discharged("2028-11-01 23:59", consents=[]))
    story.then_refused("DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING")


def test_kent_cannot_apply_in_northern_ireland() -> None:
    given(regime=NI_PSA_2022).when(APPLIED).then_refused("APPLICANT_NOT_CHIEF_OFFICER")


def test_a_report_that_is_no_breach_is_kept() -> None:
    report = breach(LATER, condition="P-SEARCH")
    story = given(*LIVE, NOTIFIED).when(report)
    story.then_refused("CONDITION_NOT_IN_FORCE_AT_OCCURRENCE")
    assert story.order.facts[-1].event == report.fact
    assert not story.order.refused


def test_a_refusal_says_its_section_and_its_reason() -> None:
    refusal = REFUSALS["NO_AREA_NEXUS"]
    rises = refused("NO_AREA_NEXUS")
    assert rises.refusal is refusal
    assert str(rises) == f"NO_AREA_NEXUS ({refusal.section}): {refusal.sentence}"
