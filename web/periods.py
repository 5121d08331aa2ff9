"""A period as an address asks for it: first and last day, both counted."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from web.language import N_

UNREADABLE = N_("Write a day as 2026-11-22.")
BACKWARDS = N_("The last day is before the first.")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class DaysAsked:
    """Days as they were typed; empty is what is usual."""

    first: str = ""
    last: str = ""


@dataclass(slots=True)
class Period:
    """`errors` by field; the days are then the usual ones."""

    first: date
    last: date
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> str:
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


def period(asked: DaysAsked, first: date, last: date) -> Period:
    """The period asked for; from `first` to `last` where nothing was, or nothing that can be read."""
    errors: dict[str, str] = {}
    days = {}
    for name, text, usual in (("first", asked.first, first), ("last", asked.last, last)):
        try:
            days[name] = _day(text) if text.strip() else usual
        except ValueError:
            errors[name] = UNREADABLE
    if not errors and days["last"] < days["first"]:
        errors["last"] = BACKWARDS
    return Period(first, last, errors) if errors else Period(days["first"], days["last"])


def _day(text: str) -> date:
    """Raises `ValueError`."""
    day = date.fromisoformat(text.strip()[:10])
    if not _EARLIEST <= day <= _LATEST - timedelta(days=1):
        raise ValueError
    return day
