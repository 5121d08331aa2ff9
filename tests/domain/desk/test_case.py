from uuid import UUID

import pytest

from domain.alerts import AlertCode, AlertWithdrawn
from domain.desk.case import AlertCase
from domain.desk.events import EscalationStepFired, LeaseRanOut, TellingOverdue, TransferTimedOut
from domain.desk.hands import DeskRole, Hand
from domain.desk.outcomes import OutcomeCode
from domain.desk.policies import STANDARD, EscalationPolicy, Step
from domain.events import Envelope
from domain.findings import WithdrawalReason
from domain.refusals import Refused
from tests.domain.desk.desk_stories import (
    COLLEAGUE,
    EVERY_ANSWER,
    NEIGHBOUR,
    OPERATOR,
    SPOC,
    SUPERVISOR,
    after,
    raised,
)


def told(case: AlertCase, **passed: float) -> list[tuple[DeskRole, float]]:
    """Who was told by then, and how many seconds after the alert it was due."""
    news = [each.event for each in case.advance(after(**passed))]
    return [
        (event.tells, (event.due_at - after()).total_seconds())
        for event in news
        if isinstance(event, EscalationStepFired)
    ]


def test_an_alert_nobody_takes_goes_up_to_the_second() -> None:
    case = raised()
    assert told(case, seconds=59.999) == []
    assert told(case, seconds=60) == [(DeskRole.SUPERVISOR, 60)]
    assert told(case, seconds=180) == [(DeskRole.SPOC, 180)]
    assert told(case, seconds=300) == [(DeskRole.DUTY_OFFICER, 300)]
    assert told(case, seconds=600) == [(DeskRole.DUTY_OFFICER, 600)]


def test_after_downtime_each_step_is_told_once() -> None:
    case = raised()
    assert told(case, hours=9) == [
        (DeskRole.SUPERVISOR, 60),
        (DeskRole.SPOC, 180),
        (DeskRole.DUTY_OFFICER, 300),
    ]
    assert told(case, hours=9, minutes=4) == []
    assert told(case, hours=9, minutes=5) == [(DeskRole.DUTY_OFFICER, 9 * 3600 + 300)]


def test_whoever_takes_it_stops_the_escalation() -> None:
    case = raised()
    case.acknowledge(OPERATOR, after(seconds=20))
    assert told(case, minutes=9) == []


def test_sitting_on_it_gives_it_back_at_once() -> None:
    case = raised()
    case.acknowledge(OPERATOR, after(seconds=20))
    first, second = case.advance(after(seconds=620))
    assert isinstance(first.event, LeaseRanOut)
    assert isinstance(second.event, EscalationStepFired)
    assert second.event.due_at == after(seconds=620)
    assert case.ownership.staff is None


def test_progress_keeps_it() -> None:
    case = raised()
    case.acknowledge(OPERATOR, after(seconds=20))
    case.task(OPERATOR, after(minutes=9), unit="KA12", incident="22-0145")
    assert case.advance(after(minutes=18)) == []


def test_two_at_once_and_the_second_hears_who_has_it() -> None:
    case = raised()
    case.acknowledge(OPERATOR, after(seconds=20))
    with pytest.raises(Refused, match="OWNED_BY_ANOTHER"):
        case.acknowledge(COLLEAGUE, after(seconds=20))


def test_where_two_roles_must_answer_one_alone_does_not_stop_it() -> None:
    both = STANDARD[1].model_copy(update={"acknowledged_by": (DeskRole.OPERATOR, DeskRole.SPOC)})
    case = raised(policy=both)
    case.acknowledge(OPERATOR, after(seconds=20))
    assert told(case, seconds=60) == [(DeskRole.SUPERVISOR, 60)]
    case.acknowledge(SPOC, after(seconds=70))
    assert case.ownership.staff == OPERATOR.staff
    assert told(case, minutes=9) == []


def test_a_new_breach_makes_it_sound_again_and_is_never_a_respite() -> None:
    case = raised()
    case.resound(UUID(int=5), 1, after(seconds=50))
    assert told(case, seconds=60) == [(DeskRole.SUPERVISOR, 60)]
    case.acknowledge(OPERATOR, after(seconds=70))
    case.resound(UUID(int=6), 1, after(seconds=80))
    assert case.ownership.staff is None
    assert told(case, seconds=140) == [(DeskRole.SUPERVISOR, 140)]


def test_a_new_breach_is_told_at_once_of_an_alert_that_everybody_was_told_of_long_ago() -> None:
    case = raised()
    case.advance(after(days=20))
    while (case.escalation.next_due or after()) < after(days=20, hours=1):
        case.advance(case.escalation.next_due or after())
    told(case, days=20)
    case.resound(UUID(int=5), 1, after(days=20, hours=1))
    day = 20 * 86_400 + 3_600
    assert told(case, days=20, hours=1, minutes=1) == [(DeskRole.SUPERVISOR, day + 60)]


def test_an_alert_that_becomes_urgent_is_told_as_an_urgent_one() -> None:
    case = raised(AlertCode.MISSED_INITIAL, 3)
    case.advance(after(seconds=5))
    case.grade(OPERATOR, after(minutes=10), priority=1, reason="he was seen outside")
    assert told(case, minutes=10, seconds=59) == []
    assert told(case, minutes=11) == [(DeskRole.SUPERVISOR, 660)]


def test_of_an_alert_everybody_was_told_of_nobody_is_told_more_until_it_is_urgent() -> None:
    case = raised(priority=2)
    case.advance(after())
    while case.escalation.running:
        case.advance(case.escalation.next_due or after())
    assert told(case, days=30) == []
    case.resound(UUID(int=5), 1, after(days=30))
    assert case.priority == 1
    day = 30 * 86_400
    steps = [told(case, days=30, minutes=minute) for minute in (1, 3, 5, 10, 20, 40)]
    assert [due - day for ((_, due),) in steps] == [60, 180, 300, 600, 1200, 2400]


def test_whoever_has_an_alert_that_becomes_urgent_has_less_time_and_keeps_it() -> None:
    case = raised(priority=2)
    case.acknowledge(OPERATOR, after(seconds=20))
    case.grade(OPERATOR, after(minutes=5), priority=1, reason="he was seen outside")
    assert (case.ownership.staff, case.escalation.running) == (OPERATOR.staff, False)
    assert case.ownership.lease_until == after(minutes=15)
    assert case.telling.due_at == after(minutes=65)


def test_whoever_was_handed_an_alert_has_it_when_it_becomes_urgent() -> None:
    manager = Hand("K4001", DeskRole.OFFENDER_MANAGER, "Kent", "HQ-3")
    by_transfer, by_name = (raised(AlertCode.MISSED_INITIAL, 3) for _ in range(2))
    for case in (by_transfer, by_name):
        case.acknowledge(manager, after(seconds=20))
    by_transfer.offer(manager, after(minutes=1), to_force="Essex", reason="he lives there")
    by_transfer.accept(NEIGHBOUR, after(minutes=2), priority=1)
    by_name.hand_over(OPERATOR, after(minutes=1), left_by=manager.staff)
    by_name.grade(OPERATOR, after(minutes=2), priority=1, reason="he was seen outside")
    assert [told(case, minutes=9) for case in (by_transfer, by_name)] == [[], []]


def test_the_protected_person_told_before_it_became_urgent_is_not_told_again() -> None:
    case = raised(priority=2)
    case.tell(OPERATOR, after(minutes=1), how="telephone", reached=True)
    case.resound(UUID(int=5), 1, after(minutes=2))
    assert case.telling.due_at is None


def test_a_breach_of_less_weight_lowers_nothing() -> None:
    case = raised()
    case.resound(UUID(int=5), 3, after(seconds=10))
    assert case.priority == 1


def test_by_hand_over_nothing_is_taken_from_a_third() -> None:
    case = raised()
    case.acknowledge(COLLEAGUE, after(seconds=20))
    with pytest.raises(Refused, match="OWNED_BY_ANOTHER"):
        case.hand_over(SUPERVISOR, after(seconds=30), left_by=OPERATOR.staff)
    case.hand_over(SUPERVISOR, after(seconds=30), left_by=COLLEAGUE.staff)
    assert case.ownership.staff == SUPERVISOR.staff


def test_another_force_can_be_offered_it_and_owns_it_only_when_it_says_so() -> None:
    case = raised()
    case.acknowledge(OPERATOR, after(seconds=5))
    case.offer(OPERATOR, after(seconds=10), to_force="Essex", reason="he lives there")
    assert case.ownership.staff == OPERATOR.staff
    with pytest.raises(Refused, match="NOT_OFFERED_TO_THIS_FORCE"):
        case.accept(COLLEAGUE, after(seconds=15), priority=2)
    case.accept(NEIGHBOUR, after(seconds=20), priority=3)
    assert (case.force, case.ownership.staff, case.priority) == ("Essex", NEIGHBOUR.staff, 1)


def test_an_offer_nobody_answers_comes_back() -> None:
    case = raised()
    case.acknowledge(OPERATOR, after(seconds=5))
    case.offer(OPERATOR, after(seconds=10), to_force="Essex", reason="he lives there")
    (news,) = case.advance(after(seconds=310))
    assert isinstance(news.event, TransferTimedOut)
    assert case.force == "Kent"


def test_only_a_supervisor_lowers_a_priority() -> None:
    case = raised()
    with pytest.raises(Refused, match="LOWERED_WITHOUT_SUPERVISOR"):
        case.grade(OPERATOR, after(seconds=5), priority=2, reason="only online")
    with pytest.raises(Refused, match="REASON_NEEDED"):
        case.grade(SUPERVISOR, after(seconds=5), priority=2, reason=" ")
    case.grade(SUPERVISOR, after(seconds=5), priority=2, reason="only online")
    assert case.priority == 2


def arrested() -> AlertCase:
    case = raised()
    case.acknowledge(OPERATOR, after(seconds=5))
    case.conclude(OPERATOR, after(minutes=5), OutcomeCode.ARRESTED, reference="CD/17")
    return case


def test_it_is_not_closed_while_the_protected_person_does_not_know() -> None:
    case = arrested()
    with pytest.raises(Refused, match="PROTECTED_PERSON_NOT_TOLD"):
        case.close(OPERATOR, after(minutes=6), EVERY_ANSWER)
    with pytest.raises(Refused, match="SUPERVISOR_NEEDED"):
        case.close(OPERATOR, after(minutes=6), EVERY_ANSWER, not_told_because="no safe number")
    case.tell(OPERATOR, after(minutes=7), how="telephone", reached=True)
    case.close(OPERATOR, after(minutes=8), EVERY_ANSWER)
    assert not case.open
    assert case.next_change is None


def test_a_protected_person_not_told_in_time_is_a_supervisors_business() -> None:
    case = arrested()
    (news,) = case.advance(after(hours=1))
    assert isinstance(news.event, TellingOverdue)


def test_it_is_not_closed_with_a_question_left_open() -> None:
    case = arrested()
    case.tell(OPERATOR, after(minutes=7), how="telephone", reached=True)
    with pytest.raises(Refused, match="QUESTION_UNANSWERED"):
        case.close(OPERATOR, after(minutes=8), EVERY_ANSWER[:3])


def test_an_outcome_needs_what_proves_it() -> None:
    case = raised()
    case.acknowledge(OPERATOR, after(seconds=5))
    with pytest.raises(Refused, match="REFERENCE_NEEDED"):
        case.conclude(OPERATOR, after(minutes=5), OutcomeCode.ARRESTED)
    with pytest.raises(Refused, match="SUPERVISOR_NEEDED"):
        case.conclude(OPERATOR, after(minutes=5), OutcomeCode.LOCATED_NOT_ARRESTED, reason="unwell")


def test_what_is_withdrawn_before_anybody_took_it_is_over() -> None:
    case = raised(AlertCode.MISSED_INITIAL, 3)
    withdrawn(case)
    assert not case.open
    assert case.advance(after(days=9)) == []


def test_what_is_withdrawn_in_somebodys_hands_must_be_stood_down() -> None:
    case = raised(AlertCode.MISSED_INITIAL, 3)
    case.acknowledge(OPERATOR, after(seconds=5))
    withdrawn(case)
    assert case.open
    case.conclude(OPERATOR, after(minutes=5), OutcomeCode.SOURCE_WITHDRAWN)
    case.close(OPERATOR, after(minutes=5))
    assert not case.open


def withdrawn(case: AlertCase) -> None:
    at = after(minutes=1)
    event = AlertWithdrawn(reason=WithdrawalReason.COMPLIED_IN_TIME, cause=UUID(int=4))
    case._record(event, Envelope(occurred_at=at, recorded_at=at, entered_at=at))


def test_a_policy_that_would_wait_for_somebody_it_never_tells_is_refused() -> None:
    with pytest.raises(ValueError, match="spoc must acknowledge but no step tells them"):
        EscalationPolicy(
            name="odd",
            version=1,
            steps=(Step(after=60, tells=DeskRole.SUPERVISOR),),
            repeat=60,
            acknowledged_by=(DeskRole.OPERATOR, DeskRole.SPOC),
            lease=60,
            tell_protected_within=60,
        )
