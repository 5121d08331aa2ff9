from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.alerts import AlertRaised
from domain.desk.suppressions import SuppressionKind, Suppressions, Wish, suppressions_stream
from domain.refusals import Refused
from tests.domain.desk.desk_stories import OPERATOR, SUPERVISOR, after, raised

WISH = Wish(SuppressionKind.MAINTENANCE, ["P-ZONE-DIST"], "tag being replaced", timedelta(hours=2))


def decided(wish: Wish = WISH) -> Suppressions:
    suppressions = Suppressions(suppressions_stream("Kent"))
    suppressions.decide(wish, SUPERVISOR, after())
    return suppressions


DISABLE = replace(WISH, kind=SuppressionKind.RULE_DISABLED, lasts=timedelta(hours=24))
SECOND = replace(SUPERVISOR, staff="K2002")


def until(suppressions: Suppressions, raised: AlertRaised, at: datetime) -> datetime | None:
    held = suppressions.holding(raised, at)
    return None if held is None else held.ends


def alert(**about: object) -> AlertRaised:
    event = raised(priority=2).raised
    assert event is not None
    return event.model_copy(update={"condition": "P-ZONE-DIST"} | about)


def test_it_holds_the_terms_it_names_until_it_ends() -> None:
    suppression = decided()
    assert until(suppression, alert(), after(hours=1)) == after(hours=2)
    assert until(suppression, alert(), after(hours=2)) is None
    assert until(suppression, alert(condition="P-APPROACH"), after(hours=1)) is None


def test_a_decision_for_one_order_holds_no_other() -> None:
    about = alert().order_id
    assert until(decided(replace(WISH, order_id=about)), alert(), after(hours=1))
    other = decided(replace(WISH, order_id=UUID(int=77)))
    assert until(other, alert(), after(hours=1)) is None


def test_of_two_decisions_the_longer_holds() -> None:
    suppressions = decided()
    suppressions.decide(replace(WISH, lasts=timedelta(hours=3)), SUPERVISOR, after())
    assert until(suppressions, alert(), after(hours=1)) == after(hours=3)


def test_priority_1_is_never_held() -> None:
    assert decided().holding(alert(priority=1), after(hours=1)) is None
    case = raised(priority=1)
    case.hold(UUID(int=4), after(hours=2), after())
    assert case.holding.until is None


def test_an_alert_held_back_goes_up_from_when_the_decision_ends() -> None:
    case = raised(priority=2)
    case.hold(UUID(int=4), after(hours=2), after())
    assert case.advance(after(hours=1, minutes=59)) == []
    case.advance(after(hours=2))
    assert case.next_change == after(hours=2, minutes=5)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (replace(WISH, conditions=[]), "SUPPRESSION_NAMES_NO_TERM"),
        (replace(WISH, lasts=timedelta(hours=5)), "SUPPRESSION_TOO_LONG"),
        (replace(WISH, lasts=timedelta(0)), "SUPPRESSION_TOO_LONG"),
        (replace(WISH, reason=""), "REASON_NEEDED"),
        (DISABLE, "SECOND_PERSON_NEEDED"),
        (
            replace(WISH, kind=SuppressionKind.CUSTODY, conditions=["P-CONTACT-DIRECT"]),
            "CUSTODY_NEVER_HOLDS_CONTACT",
        ),
    ],
)
def test_what_is_too_wide_or_too_long_is_refused(wish: Wish, code: str) -> None:
    with pytest.raises(Refused, match=code):
        decided(wish)


def test_a_rule_is_disabled_by_two_and_holds_nothing_before() -> None:
    suppressions = Suppressions(suppressions_stream("Kent"))
    proposal = suppressions.propose(DISABLE, SUPERVISOR, after())
    assert until(suppressions, alert(), after()) is None
    for hand, code in ((SUPERVISOR, "SECOND_PERSON_NEEDED"), (OPERATOR, "SUPERVISOR_NEEDED")):
        with pytest.raises(Refused, match=code):
            suppressions.agree(proposal.id, hand, after(minutes=5))
    decision = suppressions.agree(proposal.id, SECOND, after(minutes=10))
    assert (decision.by, decision.decided.seconded_by) == (SUPERVISOR.staff, SECOND.staff)
    assert until(suppressions, alert(), after(minutes=10)) == after(hours=24, minutes=10)
    with pytest.raises(Refused, match="NO_SUCH_PROPOSAL"):
        suppressions.agree(proposal.id, SECOND, after(minutes=11))
    suppressions.end(decision.id, OPERATOR, after(hours=1))
    assert until(suppressions, alert(), after(hours=1)) is None


def test_what_nobody_agreed_to_in_an_hour_or_was_withdrawn_is_proposed_again() -> None:
    suppressions = Suppressions(suppressions_stream("Kent"))
    lapsed, withdrawn = (suppressions.propose(DISABLE, SUPERVISOR, after()) for _ in range(2))
    suppressions.end(withdrawn.id, OPERATOR, after(minutes=1))
    for proposal, at in ((lapsed, after(hours=1)), (withdrawn, after(minutes=2))):
        with pytest.raises(Refused, match="NO_SUCH_PROPOSAL"):
            suppressions.agree(proposal.id, SECOND, at)
    with pytest.raises(Refused, match="SUPPRESSION_TOO_LONG"):
        suppressions.propose(replace(DISABLE, lasts=timedelta(hours=25)), SUPERVISOR, after())


def test_boards_say_what_silences_a_rule_or_a_force() -> None:
    suppressions = decided()
    one = suppressions.decide(replace(WISH, order_id=alert().order_id), SUPERVISOR, after())
    proposal = suppressions.propose(replace(DISABLE, order_id=UUID(int=7)), SUPERVISOR, after())
    rule = suppressions.agree(proposal.id, SECOND, after())
    assert [each.announced for each in (one, rule)] == [False, True]
    assert [each.announced for each in suppressions.decisions.values()] == [True, False, True]


def test_an_operator_holds_nothing_back_but_may_end_it() -> None:
    with pytest.raises(Refused, match="SUPERVISOR_NEEDED"):
        Suppressions(UUID(int=4)).decide(WISH, OPERATOR, after())
    suppressions = decided()
    (decision,) = suppressions.decisions
    with pytest.raises(Refused, match="NO_SUCH_SUPPRESSION"):
        suppressions.end(UUID(int=1), OPERATOR, after(hours=1))
    suppressions.end(decision, OPERATOR, after(hours=1))
    assert until(suppressions, alert(), after(minutes=59)) == after(hours=1)
    assert until(suppressions, alert(), after(hours=1)) is None


def test_what_an_ended_decision_held_is_told_at_once() -> None:
    case = raised(priority=2)
    case.hold(UUID(int=4), after(hours=2), after())
    assert not case.release(UUID(int=5), after(hours=1))
    assert case.release(UUID(int=4), after(hours=1))
    assert not case.release(UUID(int=4), after(hours=1))
    case.advance(after(hours=1))
    assert case.next_change == after(hours=1, minutes=5)
