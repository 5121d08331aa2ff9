"""What no fact can say, whatever its type allows: asked at the door, never of what is on record."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from domain.facts import Fact
from domain.facts.breaches import BreachReported
from domain.personal import LONGEST_TEXT

OLDEST = 130
"""Years. Nobody on record anywhere has been older."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
MOST_IN_A_LIST = 200
_LONGEST_OF = dict.fromkeys(("channels", "platforms", "devices", "supervised_by", "hours"), 200)
_LEFT_TO_THE_LAW = "locality"
"""A limit to a locality that names none is refused with its section (s.6(d))."""
_AGE, _BORN = "defendant_age", "born"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Controls, and what turns the direction of what follows; a tab and a line break may stand in a text."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """One value that cannot be meant: where, what is wrong, and what to write."""

    place: tuple[str, ...]
    problem: str
    remedy: str


def oddities(fact: Fact, t: datetime) -> Iterator[Oddity]:
    """Every value of the fact that cannot be meant; `t` is when it happened.

    A report of a breach is not turned away for an optional box that was left blank.
    """
    for place, value in _values(fact, ()):
        match value:
            case str():
                yield from _of_text(place, value, t, blank=isinstance(fact, BreachReported))
            case tuple() if len(value) > MOST_IN_A_LIST:
                yield Oddity(place, "is too long a list", f"write at most {MOST_IN_A_LIST}")
            case int() if place[-1] == _AGE and not 0 <= value <= OLDEST:
                yield Oddity(place, "is no age", f"write years from 0 to {OLDEST}, or leave it out")
            case datetime() if not EARLIEST <= value < LATEST:
                yield _wrong_year(place, value.year)
            case date() if not EARLIEST.year <= value.year < LATEST.year:
                yield _wrong_year(place, value.year)


def holds_unprinted(text: str) -> bool:
    """Whether it holds a control character other than a tab or a line break."""
    return _UNPRINTED.search(text) is not None


def _values(value: object, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _values(getattr(value, name), (*place, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield place, value
        for number, each in enumerate(value[:MOST_IN_A_LIST]):
            yield from _values(each, (*place, str(number)))
    elif value is not None:
        yield place, value


def _wrong_year(place: tuple[str, ...], year: int) -> Oddity:
    when = "before 1900" if year < EARLIEST.year else "after 2199"
    return Oddity(place, f"is {when}", "check the year")


def _of_text(place: tuple[str, ...], text: str, t: datetime, *, blank: bool) -> Iterator[Oddity]:
    named = next(part for part in reversed(place) if not part.isdecimal())
    longest = _LONGEST_OF.get(named, LONGEST_TEXT)
    if not text.strip() and not (blank or named == _LEFT_TO_THE_LAW):
        yield Oddity(place, "is blank", "write it, or leave it out")
    elif holds_unprinted(text):
        yield Oddity(place, "holds a control character", "write it again without")
    elif len(text) > longest:
        yield Oddity(place, "is too long", f"write at most {longest} characters")
    elif named == _BORN and _DAY.fullmatch(text) and not _could_be_born(text, t):
        yield Oddity(place, "is no day of birth", f"write a day at most {OLDEST} years ago")


def _could_be_born(day: str, t: datetime) -> bool:
    try:
        born = date.fromisoformat(day)
    except ValueError:
        return False
    return t.year - OLDEST - 1 <= born.year and born <= t.date()
