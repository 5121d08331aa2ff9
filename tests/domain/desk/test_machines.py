from domain.desk.refusals import DESK_REFUSALS
from tests.domain.desk.alerts_at_random import played

_OF_OTHERS = {
    "NO_SUCH_ALERT",
    "NO_SUCH_HANDOVER",
    "NO_SUCH_SUPPRESSION",
    "NOT_ON_DUTY",
    "SHIFT_ALREADY_SIGNED",
    "NOT_ON_THIS_HANDOVER",
} | {
    "ALERTS_NOT_ACCEPTED",
    "OPEN_PRIORITY_ONE",
    "HANDOVER_TO_ONESELF",
    "SUPPRESSION_NAMES_NO_TERM",
    "SUPPRESSION_TOO_LONG",
    "SECOND_PERSON_NEEDED",
    "NO_SUCH_PROPOSAL",
    "CUSTODY_NEVER_HOLDS_CONTACT",
    "ABOUT_A_READING",
}
"""Refusals of the rota, of hand-overs, suppressions and briefings, which this play has none of."""


def test_an_open_alert_always_has_an_owner_or_a_running_escalation() -> None:
    seen = played(seed=1, steps=30_000)
    events = {"EscalationStepFired", "LeaseRanOut", "TellingOverdue", "TransferTimedOut"}
    assert events <= set(seen)
    assert set(DESK_REFUSALS) - _OF_OTHERS <= set(seen)
