"""Orders with a deadline at a given instant: a notification missed, or a service to be chased."""

from datetime import datetime, timedelta

from domain.calendar import legal_day, start_of
from spowatch.wiring.store import now
from tests.stories import Fact, fact

_DAY = timedelta(days=1)


def soon(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)


def last_midnight() -> datetime:
    """The latest midnight in London that is an hour gone; a time to notify may have ended then."""
    return start_of(legal_day(now() - timedelta(hours=1)))


def order_due(instant: datetime) -> list[Fact]:
    """Time to notify ends at midnight; service is chased a day after the order, at any instant."""
    if instant == start_of(legal_day(instant)):
        return _unnotified(instant)
    return _granted(instant - _DAY)


def entered(facts: list[Fact]) -> datetime:
    """When the last of the facts was entered: at once, so long before its deadline."""
    return datetime.fromisoformat(facts[-1]["t"])


def _unnotified(midnight: datetime) -> list[Fact]:
    """Served three days before by the calendar (Stalking Protection Act 2019 s.9(1))."""
    served = start_of(legal_day(midnight) - 3 * _DAY) + timedelta(hours=12)
    return [
        *_granted(served - timedelta(hours=1)),
        fact(
            "OrderServed",
            served.isoformat(),
            order_kind="full",
            replaces_interim=False,
            method="in_person",
        ),
    ]


def _granted(made: datetime) -> list[Fact]:
    return [
        fact(
            "ApplicationMade",
            (made - _DAY).isoformat(),
            applicant="chief_officer",
            force="Kent",
            nexus="resides",
        ),
        fact("FullOrderGranted", made.isoformat(), until="further_order", defendant_present=False),
    ]
