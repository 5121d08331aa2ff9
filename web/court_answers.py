"""A filled form said back for checking: each question with its answer, as the person will read it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_date

from domain.taxonomy import TAXONOMY
from web.court_commands import Recording
from web.court_fields import Field
from web.language import _, language
from web.words import said


def answers(
    recording: Recording, fields: Sequence[Field], t: str, values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Question and answer; what was not answered is left out."""
    yield _(recording.when), said(datetime.fromisoformat(t))
    told = dict(values)
    for part, value in dict(told.pop("defendant", {})).items():
        told[f"defendant_{part}"] = value
    for field in fields:
        if field.name in told:
            yield field.label, _words(field, told[field.name])


def _words(field: Field, value: Any) -> str:
    if field.kind == "time":
        return said(datetime.fromisoformat(value))
    if field.kind == "day":
        return format_date(date.fromisoformat(value), "d MMMM y", locale=language())
    if field.kind == "yes_no":
        return _("Yes") if value else _("No")
    if field.kind == "terms":
        return "; ".join(term_words(term) for term in value)
    called = dict(field.choices)
    if isinstance(value, list):
        return ", ".join(called.get(each, str(each)) for each in value)
    return called.get(value, str(value))


def term_words(term: Mapping[str, Any]) -> str:
    """A term as its kind and the court's own words."""
    title = f"{term['code']}, {_(TAXONOMY[term['code']].title)}"
    distance = _("%(metres)s m around", metres=term["metres"]) if term.get("metres") else ""
    where = " ".join(part for part in (distance, term.get("around") or "") if part)
    return ": ".join(part for part in (title, term.get("wording") or "", where) if part)
