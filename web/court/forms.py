"""Reads a filled form as the fact it states: every question's answer, and what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from starlette.datastructures import FormData

from domain.calendar import LONDON
from domain.taxonomy import TAXONOMY
from web.court.commands import Recording
from web.court.fields import Field, Kind
from web.court.parts import joined, question_of
from web.fact_bodies import BodyUnreadable, check_values
from web.language import _
from web.problems import NEEDED

MOST_TERMS = 40
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})\s*(gmt|bst)?", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,2})?")
OF_A_TERM = ("code", "wording", "metres", "place", "locality", "exceptions", "overlaps")
_PLACES = ("at", "area", "around")
"""What the place of a term is called, by whether it must be gone to, kept out of, or kept away from."""


@dataclass(slots=True)
class Filled:
    """A form as it was filled in: the fact's values, and what to do about each answer that is wrong."""

    t: str | None = None
    person: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def answered(self) -> dict[str, Any]:
        """The fact's values, and what was answered beside them."""
        return self.values | ({} if self.person is None else {"person": self.person})


class Unanswerable(Exception):
    """An answer that cannot be taken; says what to do."""


def filled(recording: Recording, form: FormData) -> Filled:
    """What the form says; nothing of it is judged yet."""
    told = Filled()
    told.t = _answer(told, "t", time_of, form)
    if told.t is None and "t" not in told.errors:
        told.errors["t"] = _("Enter the day and the time")
    for each in recording.fields:
        value = _answer(told, each.name, _reader(each), form)
        if value is not None:
            told.values[each.name] = value
        elif recording.needs(each) and each.name not in told.errors:
            told.errors[each.name] = _("Answer this question")
    told.person = told.values.pop("person", None)
    told.values = joined(told.values)
    if not told.errors:
        _check(recording, told)
    return told


def _reader(asked: Field) -> Callable[[FormData, str], Any]:
    return partial(_group, asked.parts) if asked.kind == "group" else READERS[asked.kind]


def _group(parts: Sequence[Field], form: FormData, name: str) -> list[dict[str, Any]] | None:
    """Each time it was answered, its parts by name. Raises `Unanswerable`."""
    found = []
    for number in range(shown_terms(form, name)):
        given = {
            part.name: READERS[part.kind](form, f"{name}-{number}-{part.name}") for part in parts
        }
        found.append({part: value for part, value in given.items() if value is not None})
    return [each for each in found if each] or None


def _answer(told: Filled, name: str, read: Callable[[FormData, str], Any], form: FormData) -> Any:
    try:
        return read(form, name)
    except Unanswerable as error:
        told.errors[name] = str(error)
        return None


def _check(recording: Recording, told: Filled) -> None:
    try:
        check_values(recording.kind, told.values)
    except BodyUnreadable as unread:
        for error in unread.errors:
            told.errors[question_of(error["pointer"].split("/")[1:])] = (
                _("Enter the name")
                if error["pointer"].endswith("/name") and error["detail"] == NEEDED
                else _("Write this in another way, or shorter")
            )


def time_of(form: FormData, name: str) -> str | None:
    """An instant of Europe/London, with its offset. Raises `Unanswerable`."""
    day, clock = day_of(form, name), _text(form, f"{name}-clock")
    if day is None and not clock:
        return None
    if day is None:
        raise Unanswerable(_("Enter the day too"))
    found = _CLOCK.fullmatch(clock)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:  # noqa: PLR2004 - of a clock
        raise Unanswerable(_("Enter the time, for example 14:30"))
    return _instant(date.fromisoformat(day), int(found[1]), int(found[2]), found[3])


def _instant(day: date, hour: int, minute: int, zone: str | None) -> str:
    """Twice a year the clock alone does not say when: it is asked for the zone, or refused."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)
    first, second = local.replace(fold=0), local.replace(fold=1)
    if first.astimezone(UTC).astimezone(LONDON).replace(fold=0) != first:
        raise Unanswerable(_("The clocks went forward then: there was no such time"))
    if first.utcoffset() == second.utcoffset():
        return first.isoformat()
    if zone is None:
        raise Unanswerable(_("That time came twice that night: add BST or GMT, as in 01:30 GMT"))
    return (first if zone.lower() == "bst" else second).isoformat()


def day_of(form: FormData, name: str) -> str | None:
    """A day of the calendar. Raises `Unanswerable`."""
    parts = [_text(form, f"{name}-{part}") for part in ("day", "month", "year")]
    if not any(parts):
        return None
    try:
        day, month, year = (int(part) for part in parts)
        return date(year, month, day).isoformat()
    except (ValueError, OverflowError):
        raise Unanswerable(_("Enter a day that exists, for example 27 3 2026")) from None


def _number(form: FormData, name: str) -> float | int | None:
    given = _text(form, name)
    if not given:
        return None
    if not _NUMBER.fullmatch(given):
        raise Unanswerable(_("Enter a number, for example 200"))
    return float(given) if "." in given else int(given)


def _terms(form: FormData, name: str) -> list[dict[str, Any]] | None:
    found = [_term(form, f"{name}-{number}") for number in range(shown_terms(form, name))]
    return [each for each in found if each is not None] or None


def _term(form: FormData, prefix: str) -> dict[str, Any] | None:
    given = {part: _text(form, f"{prefix}-{part}") for part in OF_A_TERM}
    last_day = day_of(form, f"{prefix}-last_day")
    if not any(given.values()) and last_day is None:
        return None
    if given["code"] not in TAXONOMY:
        raise Unanswerable(_("Choose the kind of each term"))
    term = {part: told for part in ("code", "wording", "overlaps") if (told := given[part])}
    return term | dict(_limits(form, prefix, given, last_day))


def _limits(
    form: FormData, prefix: str, given: Mapping[str, str], last_day: str | None
) -> Iterator[tuple[str, Any]]:
    """How far, where and how long the term binds: s.6(d)-(e) of the Act wants the last two stated."""
    metres, exceptions = _number(form, f"{prefix}-metres"), _lines(form, f"{prefix}-exceptions")
    if metres is not None:
        yield "metres", metres
    if given["place"]:
        yield _place_of(given["code"]), given["place"]
    if given["locality"]:
        yield from (("locality_limited", True), ("locality", given["locality"]))
    if exceptions is not None:
        yield "exceptions", exceptions
    if last_day is not None:
        yield from (("own_period", True), ("period", {"last_day": last_day}))


def _place_of(code: str) -> str:
    """So that a station to sign on at is found to lie inside an area to keep out of (s.2(6))."""
    term = TAXONOMY[code]
    named = next((place for place in _PLACES if place in term.parameters), None)
    return named or ("at" if term.is_requirement else "around")


def shown_terms(form: Mapping[str, Any], name: str) -> int:
    """How many terms the form has room for."""
    given = str(form.get(f"{name}-count", "1"))
    return min(int(given) if given.isdecimal() and len(given) < 4 else 1, MOST_TERMS)  # noqa: PLR2004 - three digits do


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def _line(form: FormData, name: str) -> str | None:
    return _text(form, name) or None


def _lines(form: FormData, name: str) -> list[str] | None:
    return [line.strip() for line in _text(form, name).splitlines() if line.strip()] or None


def _yes_no(form: FormData, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(_text(form, name))


def _checks(form: FormData, name: str) -> list[str] | None:
    return [str(each) for each in form.getlist(name) if str(each)] or None


READERS: Mapping[Kind, Callable[[FormData, str], Any]] = MappingProxyType(
    {
        "line": _line,
        "words": _line,
        "lines": _lines,
        "number": _number,
        "day": day_of,
        "time": time_of,
        "yes_no": _yes_no,
        "choice": _line,
        "list": _line,
        "checks": _checks,
        "terms": _terms,
    }
)
"""How each kind of question is answered."""


def now_in(name: str, now: datetime) -> dict[str, str]:
    """A time question answered with the present minute."""
    local = now.astimezone(LONDON)
    day = {"day": local.day, "month": local.month, "year": local.year}
    clock = {f"{name}-clock": f"{local:%H:%M}"}
    return {f"{name}-{part}": str(value) for part, value in day.items()} | clock
