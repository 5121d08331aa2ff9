"""Who is told by a step: whoever had the role at that instant, in the force that has the alert."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from consumers.channels.message import Message
from consumers.on_duty import Both, OnDuty
from consumers.recipients import Settled
from domain.calendar import LONDON
from domain.desk.hands import DeskRole
from domain.desk.policy_book import PolicyBook
from tests.consumers.channels.messages import message
from tests.domain.desk.policies_told import book, kent


class Policy:
    def __init__(self, told: PolicyBook) -> None:
        self.told = told

    def current(self) -> PolicyBook:
        return self.told


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def step(tells: DeskRole | None, at: str = "2026-11-22 02:14", force: str = "Kent") -> Message:
    told = message("escalated", london(at))
    return replace(told, tells=tells, held_by=force)


def names(duty: OnDuty | Both, told: Message) -> list[str]:
    return [each.name for each in duty.of(told)]


def nights(**changed: Any) -> PolicyBook:
    """K2 supervises by day, K4 by night."""
    shifts = [each for each in kent()["shifts"] if each["role"] != "supervisor"]
    spells = (("06:00", "18:00", "K2"), ("18:00", "06:00", "K4"))
    shifts += [
        {"role": "supervisor", "days": "every", "begin": begin, "end": end, "staff": [staff]}
        for begin, end, staff in spells
    ]
    return book(kent(shifts=shifts, **changed))


MAIL = OnDuty("mail", Policy(nights()))


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-11-22 05:59", "K4"),
        ("2026-11-22 06:00", "K2"),
        ("2026-11-22 18:00", "K4"),
        ("2027-03-28 00:59", "K4"),  # clocks go forward at 01:00
        ("2027-03-28 06:00", "K2"),
        ("2026-10-25 01:30", "K4"),  # shown twice
        ("2026-10-25 05:59", "K4"),
        ("2026-10-25 06:00", "K2"),
    ],
)
def test_the_shift_of_that_instant_is_told(at: str, told: str) -> None:
    assert names(MAIL, step(DeskRole.SUPERVISOR, at)) == [told]


def test_only_a_step_tells_people_and_only_by_a_way_they_have() -> None:
    assert names(MAIL, step(None)) == []
    assert names(OnDuty("text", Policy(nights())), step(DeskRole.SUPERVISOR)) == []
    assert names(MAIL, step(DeskRole.SUPERVISOR, force="Essex")) == []


def test_the_address_goes_on_no_record() -> None:
    (who,) = MAIL.of(step(DeskRole.SUPERVISOR))
    assert who.address.get_secret_value() == "k4@kent.example"
    assert "kent.example" not in repr(who)


def test_who_is_named_in_the_settings_too_is_told_once() -> None:
    both = Both(Settled(tuple(MAIL.of(step(DeskRole.SUPERVISOR)))), MAIL)
    assert names(both, step(DeskRole.SUPERVISOR)) == ["K4"]
