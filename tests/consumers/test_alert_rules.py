from typing import Any

import pytest

from consumers.alert_rules import demands
from consumers.arrest_desk import alerts_from, withdrawals_from
from domain.alerts import AlertCode, AlertRaised, Priority
from domain.dossier import order_id
from domain.events import RecordedEvent
from domain.findings import (
    BreachJudgement,
    BreachRecorded,
    Concern,
    ConcernRaised,
    DutyKind,
    Finding,
    FindingWithdrawn,
    MissJudgement,
    NotificationMissed,
    OffenceSuspected,
    Suspicion,
)
from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.regimes import EW_SPA_2019
from domain.vocabulary import Statement
from tests.given_when_then import (
    APPLIED,
    DEADLINE,
    GRANTED,
    NOTIFIED,
    SERVED,
    Story,
    at,
    breach,
    envelope,
    fact,
    given,
)

NOON = at("2026-11-10 12:00")
DAY = NOON.date()
LIVE = (APPLIED, GRANTED, SERVED, NOTIFIED)
ORDER = given(*LIVE).order


def found(finding: Finding) -> RecordedEvent[Finding]:
    return RecordedEvent(ORDER.id, 99, envelope(NOON), finding)


def demanded(finding: Finding) -> list[tuple[AlertCode, Priority, str | None]]:
    return [(d.code, d.priority, d.offence) for d in demands(found(finding), ORDER)]


MISSED = [
    (DutyKind.INITIAL, MissJudgement.ARREST, AlertCode.MISSED_INITIAL, "s11_initial"),
    (DutyKind.NAME, MissJudgement.ARREST, AlertCode.MISSED_NAME, "s11_name"),
    (DutyKind.ADDRESS, MissJudgement.ARREST, AlertCode.MISSED_ADDRESS, "s11_address"),
    (DutyKind.CEASED_HOME, MissJudgement.ARREST, AlertCode.MISSED_ADDRESS, "s11_address"),
    (DutyKind.INITIAL, MissJudgement.EXCUSE, AlertCode.MISSED_REVIEW_EXCUSE, "s11_initial"),
    (DutyKind.NAME, MissJudgement.SERVICE_PROOF, AlertCode.MISSED_REVIEW_SERVICE_PROOF, "s11_name"),
    (DutyKind.NAME, MissJudgement.LATE_RECORDING, AlertCode.MISSED_REVIEW_LATE_RECORDING, "s11_name"),
    (DutyKind.DAPO_INITIAL, MissJudgement.OTHER_REGIME, AlertCode.NOTIFICATION_GAP_LEGAL_REVIEW, "s11_initial"),
]  # fmt: skip


@pytest.mark.parametrize(("duty", "judgement", "code", "offence"), MISSED)
def test_a_missed_notification_is_an_arrest_or_a_question(
    duty: DutyKind, judgement: MissJudgement, code: AlertCode, offence: str
) -> None:
    missed = NotificationMissed(
        key="missed", due_at=NOON, judgement=judgement, duty=duty, first_day=DAY, last_day=DAY
    )
    assert demanded(missed) == [(code, Priority.SOON, offence)]


@pytest.mark.parametrize(
    ("suspicion", "code", "offence"),
    [
        (Suspicion.BIOMETRICS_REFUSED, AlertCode.BIOMETRICS_REFUSED, "s11_biometrics"),
        (Suspicion.FALSE_NOTIFICATION, AlertCode.FALSE_NOTIFICATION, "s11_false"),
    ],
)
def test_an_offence_at_the_counter_is_prompt(
    suspicion: Suspicion, code: AlertCode, offence: str
) -> None:
    suspected = OffenceSuspected(key="x", due_at=NOON, suspicion=suspicion, first_day=DAY)
    assert demanded(suspected) == [(code, Priority.PROMPT, offence)]


CONCERNS = {
    Concern.PROTECTION_GAP: (AlertCode.PROTECTION_GAP, Priority.PROMPT),
    Concern.ORDER_UNSERVED: (AlertCode.ORDER_UNSERVED, Priority.SOON),
    Concern.INTERIM_EXPIRES_BEFORE_HEARING: (
        AlertCode.INTERIM_EXPIRES_BEFORE_HEARING,
        Priority.SOON,
    ),
    Concern.EXPIRY_APPROACHES: (AlertCode.EXPIRY_WARNING, Priority.ROUTINE),
    Concern.ORDER_EXPIRED: (AlertCode.ORDER_EXPIRED, Priority.ROUTINE),
    Concern.NOTIFICATION_GAP: (AlertCode.NOTIFICATION_GAP_LEGAL_REVIEW, Priority.SOON),
    Concern.CONDUCT_NO_ORDER: (AlertCode.CONDUCT_NO_ORDER_IN_FORCE, Priority.PROMPT),
    Concern.ADDRESS_UNCONFIRMED: (AlertCode.ADDRESS_CHECK_FOLLOW_UP, Priority.ROUTINE),
    Concern.RECEIPT_NOT_ISSUED: (AlertCode.ACK_NOT_ISSUED, Priority.ROUTINE),
    Concern.CHILD_DEFENDANT: (AlertCode.CHILD_SAFEGUARDING_CONTACT, Priority.SOON),
    Concern.CROSS_BORDER_SUBJECT: (AlertCode.CROSS_BORDER_SUBJECT, Priority.ROUTINE),
    Concern.DAPO_NOTIFICATION_STARTS: (AlertCode.DAPO_NOTIFICATION_STARTS, Priority.ROUTINE),
    Concern.RELEASED_UNNOTIFIED: (AlertCode.RELEASE_NOTIFY_NOW, Priority.SOON),
    Concern.APPOINTMENT_UNCONFIRMED: (AlertCode.APPOINTMENT_UNCONFIRMED, Priority.ROUTINE),
    Concern.REVIEW_DUE: (AlertCode.REVIEW_DUE, Priority.ROUTINE),
}


@pytest.mark.parametrize("concern", list(Concern))
def test_a_concern_is_a_task_for_somebody(concern: Concern) -> None:
    raised = ConcernRaised(key="x", due_at=NOON, concern=concern)
    code, priority = CONCERNS[concern]
    assert demanded(raised) == [(code, priority, None)]


BREACHES = {
    BreachJudgement.ARREST: AlertCode.BREACH_ARREST,
    BreachJudgement.REQUIREMENT: AlertCode.BREACH_REQUIREMENT,
    BreachJudgement.HISTORIC: AlertCode.BREACH_HISTORIC,
    BreachJudgement.UNSERVED: AlertCode.BREACH_REVIEW_UNSERVED,
    BreachJudgement.CONFIRM_LOCATION: AlertCode.BREACH_CONFIRM_LOCATION,
    BreachJudgement.CROSS_BORDER: AlertCode.BREACH_CROSS_BORDER,
    BreachJudgement.OUTSIDE_UK: AlertCode.BREACH_REVIEW_OUTSIDE_UK,
    BreachJudgement.IN_CUSTODY: AlertCode.BREACH_IN_CUSTODY,
}


@pytest.mark.parametrize("judgement", list(BreachJudgement))
def test_a_breach_asks_for_what_may_be_done_about_it(judgement: BreachJudgement) -> None:
    recorded = BreachRecorded(
        key="breach:x",
        due_at=NOON,
        judgement=judgement,
        incident="x",
        condition="P-CONTACT-DIRECT",
        report_version=5,
        order_kind="full",
        made_on=DAY,
        terms_version=1,
    )
    priority = Priority.ROUTINE if judgement is BreachJudgement.REQUIREMENT else Priority.PROMPT
    offence = None if judgement is BreachJudgement.OUTSIDE_UK else "s8"
    assert demanded(recorded) == [(BREACHES[judgement], priority, offence)]


# How soon


def alert_of(story: Story) -> AlertRaised:
    """The last alert the desk raised."""
    return next(a.raised for a in reversed(story.alerts.values()) if a.raised is not None)


def at_risk(risk: str) -> Statement:
    applied = APPLIED.fact.model_dump(mode="json", exclude_none=True)
    defendant = {"name": "Robin Marsh", "risk": risk}
    return fact("2026-11-02 09:00", "ApplicationMade", **applied | {"defendant": defendant})


@pytest.mark.parametrize("risk", ["high", "very_high"])
def test_a_breach_by_somebody_dangerous_is_immediate(risk: str) -> None:
    story = given(at_risk(risk), *LIVE[1:]).when(breach("2026-11-10 12:00"))
    alert = alert_of(story)
    assert alert.priority == Priority.IMMEDIATE
    assert alert.reasons == ("subject assessed as high or very high risk",)


def test_a_breach_by_somebody_not_known_to_be_dangerous_is_prompt() -> None:
    story = given(at_risk("medium"), *LIVE[1:]).when(breach("2026-11-10 12:00"))
    assert (alert_of(story).priority, alert_of(story).reasons) == (Priority.PROMPT, ())


def test_silence_of_somebody_dangerous_is_prompt() -> None:
    story = given(at_risk("high"), GRANTED, SERVED).when(DEADLINE)
    alert = alert_of(story)
    assert alert.priority == Priority.PROMPT
    assert "whereabouts not notified" in alert.reasons


def test_at_her_door_it_is_immediate() -> None:
    story = given(*LIVE).when(breach("2026-11-10 12:00", condition="P-ZONE-DIST"))
    assert alert_of(story).reasons == ("at or near a protected person",)
    assert alert_of(story).priority == Priority.IMMEDIATE


def test_perhaps_at_her_door_it_is_immediate_too() -> None:
    report = breach("2026-11-10 12:00", condition="P-ZONE-DIST", measured_m=120)
    story = given(*LIVE).when(report)
    assert alert_of(story).code is AlertCode.BREACH_CONFIRM_LOCATION
    assert alert_of(story).priority == Priority.IMMEDIATE


def test_done_long_ago_it_is_prompt_wherever_it_was() -> None:
    ended = fact("2026-11-20 09:00", "OrderDischarged")
    report = breach("2026-11-21 09:00", occurred_at="2026-11-10 12:00", condition="P-ZONE-DIST")
    story = given(*LIVE, ended).when(report)
    assert alert_of(story).priority == Priority.PROMPT


@pytest.mark.parametrize(
    "marker", ["weapon", "weapons", "threat", "threats", "violence", "missing"]
)
def test_a_warning_marker_on_the_report_makes_it_immediate(marker: str) -> None:
    story = given(*LIVE).when(breach("2026-11-10 12:00", markers=["drink", marker]))
    assert alert_of(story).reasons == ("weapon, threat, violence or missing marker on the report",)


@pytest.mark.parametrize(
    ("before", "repeats"),
    [
        ("2026-11-09 12:00", (1, 1, 1)),
        ("2026-11-09 11:59", (0, 1, 1)),
        ("2026-11-03 12:00", (0, 1, 1)),
        ("2026-11-03 11:59", (0, 0, 1)),
    ],
)
def test_repeats_are_counted_back_from_when_it_happened(
    before: str, repeats: tuple[int, int, int]
) -> None:
    story = given(*LIVE, breach(before)).when(breach("2026-11-10 12:00"))
    alert = alert_of(story)
    assert (alert.repeats_24h, alert.repeats_7d, alert.repeats_30d) == repeats
    assert ("2 breaches in 24 hours" in alert.reasons) is (repeats[0] == 1)


def test_what_happened_later_is_no_repeat_of_what_went_before() -> None:
    late = breach("2026-11-11 12:00", occurred_at="2026-11-09 12:00")
    alert = alert_of(given(*LIVE, breach("2026-11-10 12:00")).when(late))
    assert (alert.repeats_24h, alert.repeats_30d) == (0, 0)


def test_another_report_of_one_incident_is_no_repeat() -> None:
    first = breach("2026-11-10 11:00", incident="INC-1", place="Alicante")
    second = breach("2026-11-10 12:00", incident="INC-1", place="Dover")
    alert = alert_of(given(*LIVE, first).when(second))
    assert (alert.code, alert.repeats_24h) == (AlertCode.BREACH_ARREST, 0)


# What the desk writes


def test_an_alert_says_what_it_rests_on() -> None:
    story = given(*LIVE).when(breach("2026-11-10 12:00"))
    (finding,) = story.order.standing.values()
    alert = alert_of(story)
    expected: dict[str, Any] = {
        "rule": "breach_arrest.v1",
        "cause": finding.event_id,
        "order_id": story.order.id,
        "reference": "SPO-1",
        "force": "Kent",
        "offence": "SPA 2019 s.8(1)",
        "condition": "P-CONTACT-DIRECT",
        "terms_version": 1,
        "doubts": (),
        "due_at": NOON,
        "raised_at": NOON,
    }
    assert {name: getattr(alert, name) for name in expected} == expected


def test_an_alert_keeps_the_doubts_of_its_finding() -> None:
    story = given(*LIVE).when(breach("2026-11-10 12:00", place="Behind the old mill"))
    assert alert_of(story).doubts == ("place_unconfirmed",)


def test_an_alert_on_an_order_whose_history_is_assumed_says_so() -> None:
    order = StalkingProtectionOrder(order_id("SPO-1"))
    opened = OrderOpened(
        reference="SPO-1", force="Kent", regime=EW_SPA_2019.name, history_assumed=True
    )
    order.open(opened, envelope(at("2026-11-01 00:00")))
    story = Story(order).when(APPLIED, GRANTED, SERVED, DEADLINE)
    assert alert_of(story).doubts == ("history_assumed",)


def test_a_fact_alone_asks_for_nothing() -> None:
    report = given(*LIVE).order.facts[-1]
    assert not list(alerts_from(report, ORDER, raised_at=NOON))
    assert not list(withdrawals_from(report, ORDER))


def test_a_fallen_finding_takes_every_alert_it_raised_along() -> None:
    held = fact("2026-11-06 09:00", "CustodyStarted")
    retracted = fact("2026-11-11 09:00", "BreachRetracted")
    story = given(*LIVE, held, breach("2026-11-10 12:00")).when(retracted)
    withdrawal = story.heard[-1]
    assert isinstance(withdrawal.event, FindingWithdrawn)
    taken = dict(withdrawals_from(withdrawal, story.order))
    assert set(taken) == set(story.alerts)
    assert len(taken) == 2
    assert all(alert.cause == withdrawal.event_id for alert in taken.values())


def test_the_desk_names_itself_and_its_cause() -> None:
    story = given(*LIVE).when(breach("2026-11-10 12:00"))
    (alert,) = story.alerts.values()
    (written,) = alert.collect_events()
    (finding,) = story.order.standing.values()
    assert written.envelope.actor == "arrest-desk"
    assert written.envelope.causation_id == finding.event_id
    assert written.envelope.occurred_at == finding.envelope.occurred_at
    assert (written.envelope.recorded_at, written.envelope.law) == (NOON, EW_SPA_2019.name)
