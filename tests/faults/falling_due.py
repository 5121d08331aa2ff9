"""Orders of which something falls due at a given instant, and how they are put on the register.

The law is reckoned once more here, from the calendar alone: three days of which the day of service
is the first, so it is too late at the London midnight that begins the fourth.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from tests.program import Program

MISSED, CONCERN = "spo.notification-missed.v1", "spo.concern-raised.v1"
_LONDON = ZoneInfo("Europe/London")
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_THREE_DAYS = 3 * _DAY

Fact = dict[str, Any]
Moment = tuple[str, str, datetime]
"""An order, the topic of what is found on it, and the instant from which it is so."""


@dataclass(frozen=True, slots=True)
class Due:
    """What must be found on an order that is told now, once, and not before its instant."""

    order: str
    topic: str
    at: datetime
    given: Sequence[Fact]

    @property
    def moment(self) -> Moment:
        return self.order, self.topic, self.at

    def line(self) -> str:
        """The order's life so far, as a line of a facts file."""
        person = self.order.replace("/", "-")
        case = {"order": self.order, "person": person, "force": "Kent", "given": self.given}
        return json.dumps(case)


def never_notified(order: str, too_late_on: date) -> Due:
    """Served, and nothing notified up to the day before `too_late_on`."""
    served = midnight(too_late_on - _THREE_DAYS) + 10 * _HOUR
    facts = [*_made(served - _HOUR), _served(served)]
    return Due(order, MISSED, midnight(too_late_on), facts)


def never_served(order: str, at: datetime) -> Due:
    """Made a day before `at`, when its service is chased."""
    return Due(order, CONCERN, at, _made(at - _DAY))


def midnight(day: date) -> datetime:
    """The instant at which `day` begins in London."""
    return datetime(day.year, day.month, day.day, tzinfo=_LONDON).astimezone(UTC)


def _made(granted: datetime) -> list[Fact]:
    applied = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    order = {"until": "further_order", "defendant_present": False}
    return [
        _fact("ApplicationMade", granted - 20 * _DAY, applied),
        _fact("FullOrderGranted", granted, order),
    ]


def _served(at: datetime) -> Fact:
    how = {"order_kind": "full", "replaces_interim": False, "method": "in_person"}
    return _fact("OrderServed", at, how)


def _fact(kind: str, t: datetime, data: Fact) -> Fact:
    return {"t": t.isoformat(), "type": kind, "data": data}


class NotTaken(AssertionError):
    """The register did not take an order that was told to it."""


class Teller:
    """`spowatch import -`, told orders while the sweepers run."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.kill()

    def tell(self, orders: Sequence[Due]) -> None:
        """Returns when all of them are on record. Raises `NotTaken`."""
        for each in orders:
            self._program.say(each.line())
            answer = self._program.said.next()
            if answer is None or "accepted" not in json.loads(answer):
                raise NotTaken(answer)
