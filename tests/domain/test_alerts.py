from typing import Any
from uuid import UUID

import pytest

from domain.alerts import (
    ALERT_CLASS,
    INSTRUCTIONS,
    AlertClass,
    AlertCode,
    AlertRaised,
    AlertWithdrawn,
    ArrestAlert,
    Priority,
    alert_id,
)
from domain.events import RecordedEvent
from domain.facts.person import CustodyEnded
from domain.findings import WithdrawalReason
from tests.given_when_then import at, envelope

NOON = at("2026-11-02 12:00")
CAUSE = UUID(int=7)
ARREST = {
    AlertCode.BREACH_ARREST,
    AlertCode.MISSED_INITIAL,
    AlertCode.MISSED_NAME,
    AlertCode.MISSED_ADDRESS,
    AlertCode.BIOMETRICS_REFUSED,
    AlertCode.FALSE_NOTIFICATION,
}


def raised(**changes: Any) -> AlertRaised:
    values = {
        "code": AlertCode.BREACH_ARREST,
        "rule": "breach_arrest.v1",
        "cause": CAUSE,
        "order_id": UUID(int=1),
        "reference": "SPO-1",
        "force": "Kent",
        "priority": Priority.IMMEDIATE,
        "due_at": NOON,
        "raised_at": NOON,
    }
    return AlertRaised.model_validate(values | changes)


def an_alert() -> ArrestAlert:
    alert = ArrestAlert(alert_id(CAUSE, "breach_arrest.v1"))
    alert.raise_(raised(), envelope(NOON))
    return alert


def withdrawn(reason: WithdrawalReason) -> ArrestAlert:
    alert = an_alert()
    alert.withdraw(AlertWithdrawn(reason=reason, cause=CAUSE), envelope(NOON))
    return alert


def test_only_these_codes_ask_for_an_arrest() -> None:
    assert {code for code in AlertCode if ALERT_CLASS[code] is AlertClass.ARREST} == ARREST


@pytest.mark.parametrize("code", list(AlertCode))
def test_every_code_has_its_class_and_its_instruction(code: AlertCode) -> None:
    assert ALERT_CLASS[code] in AlertClass
    assert INSTRUCTIONS[code].endswith(".")
    assert "must arrest" not in INSTRUCTIONS[code].lower()


@pytest.mark.parametrize("code", sorted(ARREST))
def test_an_arrest_alert_leaves_the_arrest_to_the_constable(code: AlertCode) -> None:
    assert "onsider arrest under PACE s.24" in INSTRUCTIONS[code]


def test_one_cause_and_rule_is_one_alert_for_ever() -> None:
    assert str(alert_id(CAUSE, "breach_arrest.v1")) == "606a059b-df06-5923-b608-55ea103963c1"
    assert alert_id(CAUSE, "breach_arrest.v1") != alert_id(CAUSE, "breach_historic.v1")


def test_raised_twice_it_is_raised_once() -> None:
    alert = an_alert()
    alert.raise_(raised(reference="SPO-2"), envelope(NOON))
    assert alert.version == 1
    assert alert.raised == raised()


def test_withdrawn_twice_it_is_withdrawn_once_and_its_history_stays() -> None:
    alert = withdrawn(WithdrawalReason.LATE_KNOWLEDGE)
    again = AlertWithdrawn(reason=WithdrawalReason.OVER, cause=CAUSE)
    alert.withdraw(again, envelope(NOON))
    assert alert.version == 2
    assert alert.raised == raised()
    assert alert.withdrawn is not None
    assert alert.withdrawn.reason is WithdrawalReason.LATE_KNOWLEDGE


@pytest.mark.parametrize(
    ("reason", "notice"),
    [
        (WithdrawalReason.COMPLIED_IN_TIME, AlertCode.ALERT_WITHDRAWN_COMPLIED_IN_TIME),
        (WithdrawalReason.SERVICE_CORRECTED, AlertCode.ALERT_WITHDRAWN),
        (WithdrawalReason.REPORT_RETRACTED, AlertCode.ALERT_WITHDRAWN),
        (WithdrawalReason.DEFENDANT_DIED, AlertCode.ALERT_WITHDRAWN),
        (WithdrawalReason.LATE_KNOWLEDGE, AlertCode.ALERT_WITHDRAWN),
        (WithdrawalReason.OVER, None),
    ],
)
def test_who_was_sent_out_is_told_to_stand_down(
    reason: WithdrawalReason, notice: AlertCode | None
) -> None:
    assert withdrawn(reason).notice is notice


def test_an_alert_that_stands_leaves_no_notice() -> None:
    assert an_alert().notice is None


def test_read_back_it_is_the_same_alert() -> None:
    alert = withdrawn(WithdrawalReason.OVER)
    again = ArrestAlert(alert.id)
    again.fold(alert.collect_events())
    assert again == alert


def test_an_event_of_another_kind_of_stream_means_nothing_here() -> None:
    alert = ArrestAlert(UUID(int=1))
    alert.fold([RecordedEvent(alert.id, 1, envelope(NOON), CustodyEnded())])
    assert alert.raised is None
    assert alert.withdrawn is None
