"""Instants at which orders are served: the awkward ones of twenty-one years, then random ones."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from random import Random

from tests.bench.summer_time import ONE_DAY, clock_changes, midnight

YEARS = range(2020, 2041)
_FIRST, _LAST = date(2020, 1, 22), date(2040, 12, 31)
"""The Act commenced on 20 January 2020; the orders are applied for and made the day before."""
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_FOUR_DAYS = range(4)
"""The day of service and the three after it."""


def awkward_days() -> list[date]:
    """Every day of service whose window touches a clock change, a leap day or a year's end."""
    days = {day - ago * ONE_DAY for day in _turning_days() for ago in _FOUR_DAYS}
    return sorted(day for day in days if _FIRST <= day <= _LAST)


def _turning_days() -> Iterator[date]:
    for year in YEARS:
        yield from clock_changes(year)
        yield date(year + 1, 1, 1)
        yield date(year, 2, 28)
        yield date(year, 3, 1) - ONE_DAY


def awkward_instants() -> Iterator[datetime]:
    return chain.from_iterable(map(_of_day, awkward_days()))


def _of_day(day: date) -> Iterator[datetime]:
    """Either side of each midnight, and round 01:00 UTC, when clocks change."""
    begins, ends = midnight(day), midnight(day + ONE_DAY)
    one = datetime.combine(day, time(1), UTC)
    yield from (begins, begins + _MICROSECOND, begins + _HOUR / 2, begins + _HOUR)
    yield from (one - _MICROSECOND, one, one + _HOUR - _MICROSECOND, one + _HOUR)
    yield from (ends - _HOUR, ends - _HOUR / 2, ends - _MICROSECOND)
    yield datetime.combine(day, time(23, 30), UTC)


def random_instants(rng: Random) -> Iterator[datetime]:
    """For ever: a third on awkward days, a third within an hour of a midnight, a third any time."""
    awkward = awkward_days()
    days = (_LAST - _FIRST).days
    while True:
        yield midnight(rng.choice(awkward)) + _within(rng, ONE_DAY)
        any_day = midnight(_FIRST + rng.randrange(1, days) * ONE_DAY)
        yield any_day - _HOUR + _within(rng, 2 * _HOUR)
        yield any_day + _within(rng, ONE_DAY)


def _within(rng: Random, spell: timedelta) -> timedelta:
    return rng.randrange(spell // _MICROSECOND) * _MICROSECOND
