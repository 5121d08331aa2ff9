"""Legal days and periods: the only place where dates become instants and back.

Expressions of time in Acts and in orders are Greenwich mean time or, in the summer period, summer
time (Interpretation Act 1978 ss.9 and 23(3); Summer Time Act 1972 s.3), so a legal day is a
calendar date in Europe/London. London clocks change at 01:00 UTC: its midnights always exist once.
"""

from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zlib import crc32
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
_LEAP_DAY = (2, 29)


@lru_cache(maxsize=8192)
def start_of(day: date) -> datetime:
    """00:00 in London on `day`, as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def legal_day(instant: datetime) -> date:
    """The date in London at `instant`."""
    return instant.astimezone(LONDON).date()


@lru_cache(maxsize=8192)
def end_of(last_day: date) -> datetime:
    """The first instant after `last_day`: what ends on a day runs to its last second."""
    return start_of(last_day + ONE_DAY)


@lru_cache(maxsize=1)
def clock_rules() -> int:
    """A number for the clock rules this machine knows: another number, and midnights have moved.

    It is worked out from the offset of every day that an order may reach.
    """
    days = (date(2015, 1, 1) + timedelta(days=number) for number in range(_DAYS_OF_RULES))
    return crc32(bytes(start_of.__wrapped__(day).hour for day in days)) & _POSITIVE


_DAYS_OF_RULES = 366 * 60
_POSITIVE = 0x7FFF_FFFF


@dataclass(frozen=True, slots=True)
class Window:
    """A period of days beginning with `first_day`, that day counted (Zoan v Rouamba)."""

    first_day: date
    last_day: date

    @classmethod
    def of_days(cls, first_day: date, days: int) -> "Window":
        return cls(first_day, first_day + timedelta(days=days - 1))

    @property
    def opens(self) -> datetime:
        return start_of(self.first_day)

    @property
    def deadline(self) -> datetime:
        """The exclusive end: the first instant at which it is too late."""
        return end_of(self.last_day)


def anniversary(day: date, years: int) -> date:
    """The same date `years` later; 1 March for a 29 February that does not come round."""
    year = day.year + years
    if (day.month, day.day) == _LEAP_DAY and not isleap(year):
        return date(year, 3, 1)
    return day.replace(year=year)


def last_day_of_years(first_day: date, years: int) -> date:
    """The last day of a period of `years` beginning with `first_day` (s.3(2))."""
    return anniversary(first_day, years) - ONE_DAY


def months_before(day: date, months: int) -> date:
    """The same date `months` earlier, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
