"""What no fact can say, whatever its type allows: asked at the door, never of what is on record."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from domain.facts import Fact
from domain.facts.breaches import REPORTS
from domain.personal import LONGEST_TEXT

OLDEST = 130
"""Years. Nobody on record anywhere has been older."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
MOST_IN_A_LIST = 200
_LONGEST_OF = dict.fromkeys(("channels", "platforms", "devices", "supervised_by", "hours"), 200)
_AGE, _BORN = "defendant_age", "born"
_DAY = re.compile(r"\d{4}-(?!00)\d{2}-(?!00)\d{2}")
"""Of one whose birth is known in part, forces write 1980-00-00."""
_UNPRINTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
"""Controls. Tabs and the breaks of lines and pages may stand in a text, and so may the marks of
direction that telephones put around names and numbers."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """One value that cannot be meant: where, what is wrong, and what to write."""

    place: tuple[str, ...]
    problem: str
    remedy: str


def oddities(fact: Fact, t: datetime) -> Iterator[Oddity]:
    """Every value of the fact that cannot be meant; `t` is when it happened.

    A report is not turned away over how it is written, nor anything over an optional box left blank.
    """
    report = isinstance(fact, REPORTS)
    for place, value, required in _values(fact, (), required=True):
        match value:
            case str() if report:
                yield from _too_long(place, value)
            case str():
                yield from _of_text(place, value, t, required=required)
            case tuple() if len(value) > MOST_IN_A_LIST:
                yield Oddity(place, "is too long a list", f"write at most {MOST_IN_A_LIST}")
            case int() if place[-1] == _AGE and not 0 <= value <= OLDEST:
                yield Oddity(place, "is no age", f"write years from 0 to {OLDEST}, or leave it out")
            case datetime() if not EARLIEST <= value < LATEST:
                yield _wrong_year(place, value.year)
            case date() if not EARLIEST.year <= value.year < LATEST.year:
                yield _wrong_year(place, value.year)


def _values(
    value: object, place: tuple[str, ...], *, required: bool
) -> Iterator[tuple[tuple[str, ...], Any, bool]]:
    """Every value, where it stands, and whether something must stand there."""
    if isinstance(value, BaseModel):
        for name, about in type(value).model_fields.items():
            yield from _values(getattr(value, name), (*place, name), required=about.is_required())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield place, value, required
        for number, each in enumerate(value[:MOST_IN_A_LIST]):
            yield from _values(each, (*place, str(number)), required=True)
    elif value is not None:
        yield place, value, required


def _wrong_year(place: tuple[str, ...], year: int) -> Oddity:
    when = "before 1900" if year < EARLIEST.year else "after 2199"
    return Oddity(place, f"is {when}", "check the year")


def _of_text(place: tuple[str, ...], text: str, t: datetime, *, required: bool) -> Iterator[Oddity]:
    if not text.strip():
        if required:
            yield Oddity(place, "is blank", "write it, or leave it out")
    elif _UNPRINTED.search(text):
        yield Oddity(place, "holds a control character", "write it again without")
    elif place[-1] == _BORN and _DAY.fullmatch(text) and not _could_be_born(text, t):
        yield Oddity(place, "is no day of birth", f"write a day at most {OLDEST} years ago")
    else:
        yield from _too_long(place, text)


def _too_long(place: tuple[str, ...], text: str) -> Iterator[Oddity]:
    named = next(part for part in reversed(place) if not part.isdecimal())
    longest = _LONGEST_OF.get(named, LONGEST_TEXT)
    if len(text) > longest:
        yield Oddity(place, "is too long", f"write at most {longest} characters")


def _could_be_born(day: str, t: datetime) -> bool:
    try:
        born = date.fromisoformat(day)
    except ValueError:
        return False
    return t.year - OLDEST - 1 <= born.year and born <= t.date()
