"""How times, spells of time and code words are said to a person who was just woken."""

import re
from datetime import date, datetime, timedelta
from types import MappingProxyType

from domain.calendar import LONDON
from spowatch.answers import utc

DOUBTS = MappingProxyType(
    {
        "place_unconfirmed": "the place named could not be confirmed to be where it is thought to be",
        "position_error_not_stated": "the distance was measured, its error was not stated",
        "contact_began_by_protected_person": "the protected person is said to have begun the "
        "contact; that does not make it lawful",
        "service_not_recorded": "no service of the order is on record",
        "in_custody_at_the_time": "the person was in custody when it is said to have happened",
        "in_hospital_at_the_time": "the person was detained in hospital when it is said to have "
        "happened",
        "late_recording": "the window had closed before it was on record",
        "service_proof": "service of the order is deemed or unproven",
        "custody": "the person was in custody during the window",
        "hospital": "the person was detained in hospital during the window",
        "abroad": "the person was outside the United Kingdom during the window",
        "other_regime": "the duty is one of another Act",
        "history_assumed": "the order was entered without its earlier history, which is assumed",
    }
)
"""What each doubt on a finding means; an unknown one is said in its own words."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def moment(instant: datetime) -> dict[str, str]:
    """An instant for a person and for a program; local first."""
    return {
        "said": said(instant),
        "local": instant.astimezone(LONDON).isoformat(),
        "utc": utc(instant),
    }


def maybe_moment(instant: datetime | None) -> dict[str, str] | None:
    return None if instant is None else moment(instant)


def said(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%a %d %b %Y %H:%M %Z}"


def said_day(day: date) -> str:
    return f"{day:%a %d %b %Y}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: `12 min`, `3 h 10 min`, `2 d 4 h`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def plain(word: str) -> str:
    """A code word as words: `protected_person` is `protected person`."""
    return word.replace("_", " ").strip()


def title(name: str) -> str:
    """A type's name as words: `OrderServed` is `Order served`."""
    words = re.findall(r"[A-Z]{2,}(?![a-z])\d*|[A-Z][a-z]+|\d+", name)
    return " ".join(
        word if number == 0 or word.isupper() else word.lower() for number, word in enumerate(words)
    )


def doubt(code: str) -> str:
    return DOUBTS.get(code, plain(code))
