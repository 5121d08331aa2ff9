"""What London clocks show, reckoned by hand: the oracle of the deadline figures.

Summer time begins on the last Sunday of March and ends on the last Sunday of October, at 01:00 UTC
(Summer Time Act 1972 s.1). Nothing here knows `zoneinfo` or `domain.calendar`.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

ONE_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SUNDAY = 6


@cache
def last_sunday(year: int, month: int) -> date:
    """Of a month that has 31 days."""
    last = date(year, month, 31)
    return last - (last.weekday() - _SUNDAY) % 7 * ONE_DAY


def clock_changes(year: int) -> tuple[date, date]:
    return last_sunday(year, 3), last_sunday(year, 10)


def midnight(day: date) -> datetime:
    """The instant at which `day` begins in London. Clocks change an hour or two after it."""
    forward, back = clock_changes(day.year)
    shown = datetime.combine(day, time(), UTC)
    return shown - _HOUR if forward < day <= back else shown


def day_in_london(instant: datetime) -> date:
    """`instant` is in UTC."""
    forward, back = (datetime.combine(day, time(1), UTC) for day in clock_changes(instant.year))
    return (instant + _HOUR if forward <= instant < back else instant).date()


def too_late(served: datetime) -> datetime:
    """Three days, the day of service being the first (s.9(1)): the midnight that ends the third."""
    return midnight(day_in_london(served) + 3 * ONE_DAY)
