"""Breaking the glass needs somebody who proved lately who they are."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from domain.access import Role
from web.access import Person
from web.case_access_pages import PROVEN_WITHIN, ProveAgain, freshly_signed_in
from web.sessions import Session

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SYSTEM = cast("Any", SimpleNamespace(now=lambda: NOW))


def session(age: timedelta | None) -> Session:
    proved = None if age is None else NOW - age
    return Session("t", "c", Person("1", Role.OPERATOR, "Kent", "t"), proved)


def test_who_signed_in_lately_goes_on() -> None:
    begun = session(PROVEN_WITHIN)
    assert freshly_signed_in(SYSTEM, begun) is begun


def test_who_signed_in_this_morning_proves_it_again() -> None:
    with pytest.raises(ProveAgain):
        freshly_signed_in(SYSTEM, session(PROVEN_WITHIN + timedelta(seconds=1)))


def test_who_never_proved_it_here_proves_it_first() -> None:
    with pytest.raises(ProveAgain):
        freshly_signed_in(SYSTEM, session(None))
