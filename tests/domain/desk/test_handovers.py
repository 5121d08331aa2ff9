from dataclasses import replace
from uuid import UUID

import pytest

from domain.desk.handovers import Handover, may_sign_off
from domain.refusals import Refused
from tests.domain.desk.desk_stories import COLLEAGUE, OPERATOR, after, raised


def test_a_shift_is_signed_when_every_alert_has_been_taken_by_name() -> None:
    handover = Handover(UUID(int=3))
    handover.prepare(OPERATOR, [UUID(int=98), UUID(int=99)], after())
    handover.accept(UUID(int=98), COLLEAGUE, after(minutes=1))
    with pytest.raises(Refused, match="ALERTS_NOT_ACCEPTED"):
        handover.sign(COLLEAGUE, handover.alerts, after(minutes=2))
    handover.accept(UUID(int=99), COLLEAGUE, after(minutes=2))
    handover.sign(COLLEAGUE, handover.alerts, after(minutes=3))
    with pytest.raises(Refused, match="SHIFT_ALREADY_SIGNED"):
        handover.sign(COLLEAGUE, [], after(minutes=3))


def test_only_the_force_of_the_shift_signs_for_it() -> None:
    handover = Handover(UUID(int=3))
    handover.prepare(OPERATOR, [], after())
    with pytest.raises(Refused, match="OF_ANOTHER_FORCE"):
        handover.sign(replace(COLLEAGUE, force="Essex"), [], after(minutes=1))
    handover.sign(COLLEAGUE, [], after(minutes=2))


def test_nobody_hands_over_to_themselves() -> None:
    handover = Handover(UUID(int=3))
    handover.prepare(OPERATOR, [UUID(int=99)], after())
    with pytest.raises(Refused, match="HANDOVER_TO_ONESELF"):
        handover.accept(UUID(int=99), OPERATOR, after(minutes=1))
    with pytest.raises(Refused, match="NOT_ON_THIS_HANDOVER"):
        handover.accept(UUID(int=1), COLLEAGUE, after(minutes=1))


def test_nobody_goes_home_with_an_open_priority_1() -> None:
    case = raised()
    may_sign_off(OPERATOR, [case])
    case.acknowledge(OPERATOR, after(seconds=5))
    with pytest.raises(Refused, match="OPEN_PRIORITY_ONE"):
        may_sign_off(OPERATOR, [case])
    case.hand_over(COLLEAGUE, after(seconds=9), left_by=OPERATOR.staff)
    may_sign_off(OPERATOR, [case])
    assert case.ownership.staff == COLLEAGUE.staff
