"""What a demonstration's control rooms did before it began: old alerts dealt with, some in hand."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from eventsourcing.persistence import IntegrityError

from domain.alerts import AlertClass
from domain.desk.case import AlertCase
from domain.desk.events import Answered
from domain.desk.hands import DeskRole, Hand
from domain.desk.outcomes import ASKED, OutcomeCode, Question
from spowatch.log_pages import alerts_raised
from spowatch.open_store import Store

STILL_OPEN = timedelta(hours=36)
"""What became due longer ago was dealt with."""
_ARRESTS = (
    (OutcomeCode.ARRESTED, "CUST-{0}"),
    (OutcomeCode.ARRESTED, "CUST-{0}"),
    (OutcomeCode.VOLUNTARY_ATTENDANCE, "APPT-{0}"),
    (OutcomeCode.NOT_LOCATED_CIRCULATED, "PNC-{0}"),
)


def deal_with_the_old(store: Store, now: datetime) -> None:
    """Close every alert that became due long ago, as its own force would have."""
    for case in _old(store, now):
        with suppress(IntegrityError):  # the clock was at it in the same moment: it stays open
            _close(case, now)
            store.register.keep([case])


def _old(store: Store, now: datetime) -> Iterator[AlertCase]:
    for _, alert in alerts_raised(store):
        case = store.register.read(AlertCase(alert))
        if case.raised is not None and case.open and case.raised.due_at < now - STILL_OPEN:
            yield case


def _close(case: AlertCase, now: datetime) -> None:
    rng = Random(case.id.int)  # noqa: S311 - invented
    number = rng.randrange(1000, 9999)
    hand = Hand(str(number), DeskRole.SUPERVISOR, case.force, "desk-1")
    outcome, reference = OutcomeCode.TASK_DONE, None
    if case.alert_class in (AlertClass.ARREST, AlertClass.REVIEW):
        outcome, told = rng.choice(_ARRESTS)
        reference = told.format(number)
    answers = [
        Answered(
            question=question,
            yes=question is not Question.VARIATION_CONSIDERED,
            reference=f"CR-{number}" if question is Question.CRIME_RECORDED else None,
        )
        for question in ASKED[case.alert_class]
    ]
    case.acknowledge(hand, now)
    if case.telling.open:
        case.tell(hand, now, how="phone", reached=True)
    case.conclude(hand, now, outcome, reference=reference)
    case.close(hand, now, answers)
