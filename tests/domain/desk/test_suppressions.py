from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.alerts import AlertRaised
from domain.desk.suppressions import Suppression, SuppressionKind, Wish
from domain.refusals import Refused
from tests.domain.desk.desk_stories import OPERATOR, SUPERVISOR, after, raised

WISH = Wish(SuppressionKind.MAINTENANCE, ["P-ZONE-DIST"], "tag being replaced", timedelta(hours=2))


def decided(wish: Wish = WISH) -> Suppression:
    suppression = Suppression(UUID(int=4))
    suppression.decide(wish, SUPERVISOR, after())
    return suppression


def alert(**about: object) -> AlertRaised:
    event = raised(priority=2).raised
    assert event is not None
    return event.model_copy(update={"condition": "P-ZONE-DIST"} | about)


def test_it_holds_the_terms_it_names_until_it_ends() -> None:
    suppression = decided()
    assert suppression.holds(alert(), after(hours=1)) == after(hours=2)
    assert suppression.holds(alert(), after(hours=2)) is None
    assert suppression.holds(alert(condition="P-APPROACH"), after(hours=1)) is None
    assert suppression.holds(alert(force="Essex"), after(hours=1)) is None


def test_priority_1_is_never_held() -> None:
    assert decided().holds(alert(priority=1), after(hours=1)) is None
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
        (replace(WISH, kind=SuppressionKind.RULE_DISABLED), "SECOND_PERSON_NEEDED"),
        (
            replace(WISH, kind=SuppressionKind.CUSTODY, conditions=["P-CONTACT-DIRECT"]),
            "CUSTODY_NEVER_HOLDS_CONTACT",
        ),
    ],
)
def test_what_is_too_wide_or_too_long_is_refused(wish: Wish, code: str) -> None:
    with pytest.raises(Refused, match=code):
        decided(wish)


def test_an_operator_holds_nothing_back_but_may_end_it() -> None:
    with pytest.raises(Refused, match="SUPERVISOR_NEEDED"):
        Suppression(UUID(int=4)).decide(WISH, OPERATOR, after())
    suppression = decided()
    suppression.end(OPERATOR, after(hours=1))
    assert suppression.holds(alert(), after(hours=1)) is None
