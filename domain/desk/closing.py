"""Closing an alert: what must be said before nobody has to look at it again."""

from collections.abc import Sequence

from domain.alerts import AlertClass
from domain.desk.events import Answered, OutcomeRecorded
from domain.desk.hands import Hand
from domain.desk.outcomes import (
    ASKED,
    NOTHING_TO_ASK,
    OUTCOMES,
    OutcomeCode,
    Question,
)
from domain.desk.refusals import refused_at_desk
from domain.desk.telling import Telling


def check_outcome(
    outcome: OutcomeCode,
    hand: Hand,
    *,
    reference: str | None,
    reason: str | None,
    withdrawn: bool,
) -> None:
    """Refused without the reference, the reason or the supervisor that this outcome needs."""
    if outcome is OutcomeCode.SOURCE_WITHDRAWN and not withdrawn:
        raise refused_at_desk("NOT_WITHDRAWN")
    needs = OUTCOMES[outcome]
    if needs.reference and not (reference or "").strip():
        raise refused_at_desk("REFERENCE_NEEDED")
    if needs.reason and not (reason or "").strip():
        raise refused_at_desk("REASON_NEEDED")
    if needs.supervisor and not hand.supervises:
        raise refused_at_desk("SUPERVISOR_NEEDED")


def check_answers(
    alert_class: AlertClass, outcome: OutcomeRecorded, answers: Sequence[Answered]
) -> None:
    """Every question answered; a crime that was recorded has its reference."""
    if outcome.outcome in NOTHING_TO_ASK:
        return
    answered = {each.question: each for each in answers}
    if any(question not in answered for question in ASKED[alert_class]):
        raise refused_at_desk("QUESTION_UNANSWERED")
    crime = answered.get(Question.CRIME_RECORDED)
    if crime is not None and crime.yes and not (crime.reference or "").strip():
        raise refused_at_desk("REFERENCE_NEEDED")


def check_telling(
    telling: Telling, outcome: OutcomeRecorded, hand: Hand, *, not_told_because: str | None
) -> None:
    """The protected person knows, or a supervisor says why not."""
    if not telling.open or outcome.outcome in NOTHING_TO_ASK:
        return
    if not (not_told_because or "").strip():
        raise refused_at_desk("PROTECTED_PERSON_NOT_TOLD")
    if not hand.supervises:
        raise refused_at_desk("SUPERVISOR_NEEDED")
