"""A filled form said back for checking: each question with its answer, as the person will read it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from babel.dates import format_date

from domain.taxonomy import TAXONOMY
from web.court.commands import Recording
from web.court.fields import Field
from web.court.parts import apart
from web.language import _, language
from web.words import said


def answers(
    recording: Recording, fields: Sequence[Field], t: str | None, values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Question and answer; what was not answered is left out."""
    if t is not None:
        yield _(recording.when), said(datetime.fromisoformat(t))
    told = apart(values)
    for field in fields:
        if field.name in told:
            yield field.label, _words(field, told[field.name])


def _words(field: Field, value: Any) -> str:
    words = _WORDS.get(field.kind)
    if words is not None:
        return words(value)
    if field.kind == "group":
        return "; ".join(_parts(field, each) for each in value)
    called = dict(field.choices)
    if isinstance(value, list):
        return ", ".join(called.get(each, str(each)) for each in value)
    return called.get(value, str(value))


def _parts(field: Field, told: Mapping[str, Any]) -> str:
    parts = {part.name: part for part in field.parts}
    return ", ".join(_words(parts[name], value) for name, value in told.items())


def _day(value: str | date) -> str:
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(day, "d MMMM y", locale=language())


def term_words(term: Mapping[str, Any]) -> str:
    """A term as its kind and the court's own words."""
    title = f"{term['code']}, {_(TAXONOMY[term['code']].title)}"
    limits = ", ".join(_limits(term))
    return ": ".join(part for part in (title, term.get("wording") or "", limits) if part)


def _limits(term: Mapping[str, Any]) -> Iterator[str]:
    metres, place = term.get("metres"), term.get("area") or term.get("around") or term.get("at")
    if metres:
        yield _("%(metres)s m around", metres=metres) + (f" {place}" if place else "")
    elif place:
        yield str(place)
    if term.get("locality"):
        yield _("only within %(place)s", place=term["locality"])
    if term.get("exceptions"):
        yield _("except %(what)s", what="; ".join(term["exceptions"]))
    if term.get("overlaps"):
        yield _("touches %(what)s", what=term["overlaps"])
    if term.get("period"):
        yield _("this term until %(day)s", day=_day(term["period"]["last_day"]))


_WORDS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "time": lambda value: said(datetime.fromisoformat(value)),
        "day": _day,
        "yes_no": lambda value: _("Yes") if value else _("No"),
        "terms": lambda value: "; ".join(term_words(term) for term in value),
    }
)
"""By the kind of question; what was chosen or typed is said back as it stands."""
