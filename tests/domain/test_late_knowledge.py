from typing import Any

import pytest

from domain.alerts import AlertCode
from domain.findings import (
    BreachJudgement,
    BreachRecorded,
    FindingWithdrawn,
    MissJudgement,
    NotificationMissed,
    WithdrawalReason,
)
from domain.vocabulary import Statement
from tests.given_when_then import (
    APPLIED,
    DEADLINE,
    GRANTED,
    INTERIM,
    INTERIM_SERVED,
    NOTIFIED,
    SERVED,
    Expected,
    at,
    breach,
    fact,
    given,
)

LIVE = (APPLIED, GRANTED, SERVED, NOTIFIED)
SILENT = (APPLIED, GRANTED, SERVED, DEADLINE)
ON = "2026-11-10 20:00"


def withdrawn(reason: WithdrawalReason) -> Expected:
    return FindingWithdrawn, {"reason": reason}


def corrected(**data: Any) -> Statement:
    return fact("2026-11-05 09:00", "ServiceCorrected", **data)


def test_served_a_day_later_than_written_the_alert_was_wrong() -> None:
    story = given(*SILENT).when(corrected(served_at="2026-11-03 12:00"))
    story.then(withdrawn(WithdrawalReason.SERVICE_CORRECTED)).then_duties(("initial", "open"))
    story.then_alerts(AlertCode.ALERT_WITHDRAWN)
    assert [entry.event.key for entry in story.order.withdrawn] == [
        "missed:initial:full-2026-11-02:2026-11-02"
    ]
    story.when(at("2026-11-06 00:00"))
    story.then((NotificationMissed, {"judgement": MissJudgement.ARREST}))


def test_served_a_day_earlier_than_written_it_was_missed_before_anyone_knew() -> None:
    story = given(APPLIED, GRANTED, fact("2026-11-04 12:00", "OrderServed", method="in_person"))
    story.when(corrected(served_at="2026-11-02 12:00")).then_raised(
        AlertCode.MISSED_REVIEW_LATE_RECORDING
    )


def test_evidence_proves_what_was_only_posted() -> None:
    posted = fact("2026-11-02 12:00", "OrderServed", method="post")
    proof = corrected(served_at="2026-11-03 12:00", evidence="signed for")
    story = given(APPLIED, GRANTED, posted, proof).when(at("2026-11-06 00:00"))
    story.then((NotificationMissed, {"judgement": MissJudgement.ARREST}))


def test_a_correction_without_evidence_proves_nothing() -> None:
    posted = fact("2026-11-02 12:00", "OrderServed", method="post")
    story = given(APPLIED, GRANTED, posted, corrected(served_at="2026-11-03 12:00"))
    story.when(at("2026-11-06 00:00"))
    story.then((NotificationMissed, {"judgement": MissJudgement.SERVICE_PROOF}))


def test_the_latest_of_two_services_is_the_one_corrected() -> None:
    both = [fact(f"2026-11-0{day} 12:00", "OrderServed", method="in_person") for day in (2, 3)]
    story = given(APPLIED, GRANTED, *both).when(corrected(served_at="2026-11-04 12:00"))
    assert [s.served_at for s in story.position().history.orders[0].services] == [
        at("2026-11-02 12:00"),
        at("2026-11-04 12:00"),
    ]


def test_a_correction_said_to_be_older_than_the_service_corrects_nothing() -> None:
    odd = fact(
        "2026-11-02 11:00",
        "ServiceCorrected",
        served_at="2026-11-02 10:30",
        recorded="2026-11-03 09:00",
    )
    story = given(APPLIED, GRANTED, SERVED).when(odd).then_nothing()
    assert story.position().history.orders[0].services[0].served_at == at("2026-11-02 12:00")  # fmt: skip


def test_custody_nobody_had_told_of_turns_arrest_into_a_question() -> None:
    held = fact("2026-11-03 09:00", "CustodyStarted", recorded="2026-11-05 10:00")
    story = given(*SILENT).when(held)
    story.then(
        withdrawn(WithdrawalReason.LATE_KNOWLEDGE),
        (NotificationMissed, {"judgement": MissJudgement.EXCUSE}),
    )
    story.then_alerts(AlertCode.MISSED_REVIEW_EXCUSE, AlertCode.ALERT_WITHDRAWN)


def test_what_was_known_then_is_answered_as_it_was_seen_then() -> None:
    late = fact("2026-11-03 11:00", "NotificationReceived", recorded="2026-11-05 08:00")
    story = given(*SILENT, late, fact("2026-11-06 09:00", "CustodyStarted"))
    assert [duty.state for duty in story.order.position(DEADLINE).duties] == ["missed"]
    assert [duty.state for duty in story.order.position(at("2026-11-05 08:00")).duties] == ["met"]


def test_the_last_silence_of_the_dead_is_nobodys_business() -> None:
    died = fact("2026-11-05 10:00", "DefendantDied")
    story = given(*SILENT).when(died)
    story.then(withdrawn(WithdrawalReason.DEFENDANT_DIED)).then_position(status="closed")


def test_a_death_learned_of_late_takes_what_came_after_it_along() -> None:
    died = fact("2026-11-03 10:00", "DefendantDied", recorded="2026-11-12 10:00")
    story = given(*LIVE, breach(ON)).when(died)
    story.then(withdrawn(WithdrawalReason.DEFENDANT_DIED)).then_alerts(AlertCode.ALERT_WITHDRAWN)


def test_a_variation_learned_of_late_withdraws_a_breach_of_the_old_term() -> None:
    varied = fact(
        "2026-11-09 09:00", "OrderVaried", removes=["P-CONTACT-DIRECT"], recorded="2026-11-11 09:00"
    )
    story = given(*LIVE, breach(ON)).when(varied)
    story.then(withdrawn(WithdrawalReason.LATE_KNOWLEDGE)).then_alerts(AlertCode.ALERT_WITHDRAWN)


def test_service_learned_of_late_turns_the_question_into_an_arrest() -> None:
    served = fact(
        "2026-11-02 12:00", "OrderServed", method="in_person", recorded="2026-11-04 09:00"
    )
    story = given(APPLIED, GRANTED, breach("2026-11-02 15:00"), at("2026-11-04 08:00"))
    story.when(served).then(
        withdrawn(WithdrawalReason.LATE_KNOWLEDGE),
        withdrawn(WithdrawalReason.OVER),
        (BreachRecorded, {"judgement": BreachJudgement.ARREST}),
    )  # fmt: skip


LATE_REFUSAL = fact("2026-11-05 10:00", "ApplicationRefused", recorded="2026-11-12 09:00")
LATE_DISCHARGE = fact("2026-11-05 10:00", "OrderDischarged", recorded="2026-11-12 09:00")
WITH_INTERIM = (APPLIED, INTERIM, INTERIM_SERVED, NOTIFIED)


@pytest.mark.parametrize(
    "told",
    [
        fact("2026-11-10 09:00", "InterimRenewed", last_day="2026-12-31"),
        fact("2026-11-10 09:00", "InterimVaried", removes=["P-CONTACT-DIRECT"]),
        fact("2026-11-10 09:00", "InterimDischarged"),
        fact("2026-11-10 09:00", "VariedTermsServed"),
    ],
    ids=["renewed", "varied", "discharged", "served"],
)
def test_what_was_done_to_an_interim_that_had_died_was_done_to_nothing(told: Statement) -> None:
    story = given(*WITH_INTERIM, told).when(LATE_REFUSAL)
    story.then_position(in_force=None, status="refused")
    (interim,) = story.position().history.orders
    assert (interim.end, len(interim.terms)) == (at("2026-11-05 10:00"), 1)


@pytest.mark.parametrize(
    "told",
    [
        fact("2026-11-10 09:00", "OrderVaried", removes=["P-CONTACT-DIRECT"]),
        fact("2026-11-10 09:00", "OrderRenewed", last_day="2031-11-01"),
    ],
    ids=["varied", "renewed"],
)
def test_what_was_done_to_an_order_that_had_ended_was_done_to_nothing(told: Statement) -> None:
    story = given(*LIVE, told).when(LATE_DISCHARGE)
    story.then_position(in_force=None, status="discharged")
    (order,) = story.position().history.orders
    assert (order.last_day, len(order.terms)) == (None, 1)


def test_a_full_order_made_after_a_refusal_learned_of_late_stands_as_the_court_made_it() -> None:
    full = fact("2026-11-10 10:00", "FullOrderGranted", until="further_order")
    story = given(*WITH_INTERIM, full).when(LATE_REFUSAL)
    story.then_position(status="full_granted", in_force="full")
    assert story.position().history.determination == "refused"


def test_a_fact_told_late_is_known_from_when_it_was_told() -> None:
    story = given(*LIVE)
    backdated = fact("2026-11-02 13:00", "NameUsed", name="Alex Moor", recorded="2026-11-02 14:00")
    story.when(backdated)
    entry = story.order.facts[-1]
    assert entry.envelope.occurred_at == at("2026-11-02 13:00")
    assert entry.envelope.recorded_at == at("2026-11-03 11:00")


def test_an_order_entered_after_it_was_served_was_served_all_the_same() -> None:
    entered = fact(
        "2026-11-04 09:00", "FullOrderGranted", made_on="2026-11-02", until="further_order"
    )
    served = fact(
        "2026-11-02 12:00", "OrderServed", method="in_person", recorded="2026-11-04 10:00"
    )
    story = given(APPLIED, entered).when(served).then_duties(("initial", "open"))
    story.when(DEADLINE).then_raised(AlertCode.MISSED_INITIAL)  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        fact("2026-11-03 09:00", "InterimExpired"),
        fact("2026-11-03 09:00", "OrderExpired"),
    ],
    ids=["interim", "full"],
)
def test_an_order_nobody_made_does_not_run_out(told: Statement) -> None:
    given(APPLIED).when(told).then_nothing().then_position(status="applied", in_force=None)


def test_an_order_nobody_made_is_not_quashed() -> None:
    refused = fact("2026-11-03 09:00", "ApplicationRefused")
    appeal = fact(
        "2026-11-04 09:00", "AppealLodged", by="chief_officer_applied", against="refusal_full"
    )
    allowed = fact("2026-11-05 09:00", "AppealAllowed", effect="order_quashed")
    given(APPLIED, refused, appeal).when(allowed).then_nothing().then_position(status="refused")
