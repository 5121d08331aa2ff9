"""Every period rule against an oracle that walks the calendar hour by hour; it asks tzdata alone."""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import (
    Window,
    anniversary,
    end_of,
    last_day_of_years,
    legal_day,
    months_before,
    start_of,
)
from domain.offences import max_summary_months
from tests.given_when_then import APPLIED, DEADLINE, Story, fact  # fmt: skip
from tests.given_when_then import given as told

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
LONDON = ZoneInfo("Europe/London")
FIRST, LAST = date(2020, 1, 1), date(2040, 12, 31)

DAYS = st.dates(FIRST, LAST)
INSTANTS = st.builds(
    lambda day, seconds: datetime.combine(day, time(), UTC) + timedelta(seconds=seconds),
    DAYS,
    st.integers(0, 24 * 3600 - 1),
)


def walked() -> Iterator[tuple[datetime, date]]:
    """Every hour from before 2020 until after 2040, and the date London's clocks then show."""
    hour = datetime(2019, 12, 30, tzinfo=UTC)
    while hour < datetime(2041, 1, 8, tzinfo=UTC):
        yield hour, hour.astimezone(LONDON).date()
        hour += HOUR


@cache
def midnights() -> dict[date, datetime]:
    """When each London day begins, found by walking; no day begins within an hour."""
    begins: dict[date, datetime] = {}
    for hour, day in walked():
        begins.setdefault(day, hour)
    return begins


@cache
def clock_changes() -> list[date]:
    """The days that do not last 24 hours."""
    begins = midnights()
    every = [FIRST + DAY * n for n in range((LAST - FIRST).days + 1)]
    return [day for day in every if begins[day + DAY] - begins[day] != 24 * HOUR]


def every_day() -> list[date]:
    return [FIRST + DAY * n for n in range((LAST - FIRST).days + 1)]


def leap_days() -> list[date]:
    return [date(year, 2, 29) for year in range(2020, 2041) if calendar.isleap(year)]


def test_the_oracle_knows_two_clock_changes_a_year_and_six_leap_days() -> None:
    assert len(clock_changes()) == 2 * 21
    assert len(leap_days()) == 6


def test_every_day_begins_and_ends_at_london_midnight() -> None:
    begins = midnights()
    for day in every_day():
        assert start_of(day) == begins[day]
        assert end_of(day) == begins[day + DAY]


@given(INSTANTS)
def test_an_instant_falls_on_the_day_london_shows(instant: datetime) -> None:
    begins = midnights()
    day = legal_day(instant)
    assert begins[day] <= instant < begins[day + DAY]


def test_three_days_are_the_first_and_the_two_that_follow_it() -> None:
    begins = midnights()
    for day in every_day():
        window = Window.of_days(day, 3)
        assert window.last_day == day + DAY + DAY
        assert window.opens == begins[day]
        assert window.deadline == begins[day + 3 * DAY]


@given(INSTANTS)
def test_a_window_of_three_days_lasts_between_48_and_73_hours(instant: datetime) -> None:
    left = Window.of_days(legal_day(instant), 3).deadline - instant
    assert 47 * HOUR < left <= 73 * HOUR


def served_on(day: date, *, at: timedelta = 12 * HOUR) -> Story:
    granted = fact("2020-01-20 10:00", "FullOrderGranted", until="further_order")
    applied = APPLIED.fact.model_dump(mode="json", exclude_unset=True)
    local = (midnights()[day] + at).astimezone(LONDON).replace(tzinfo=None)
    served = fact(local.isoformat(sep=" "), "OrderServed", method="in_person")
    return told(fact("2020-01-20 09:00", "ApplicationMade", **applied), granted, served)


@pytest.mark.parametrize("before", [0, 1, 2])
def test_around_a_clock_change_the_alert_comes_at_midnight_and_not_a_second_before(
    before: int,
) -> None:
    for change in clock_changes():
        day = change - DAY * before
        deadline = midnights()[day + 3 * DAY]
        story = served_on(day).when(deadline - SECOND)
        assert not any("missed" in key[1] for key in story.order.standing)
        story.when(deadline)
        assert any("missed" in key[1] for key in story.order.standing)


@pytest.mark.parametrize("day", leap_days() + [day - DAY for day in leap_days()])
def test_around_a_leap_day_too(day: date) -> None:
    story = served_on(day).when(midnights()[day + 3 * DAY] - SECOND)
    assert story.position().duties[0].state == "open"
    story.when(midnights()[day + 3 * DAY])
    assert story.position().duties[0].state == "missed"


def last_day_by_walking(first: date, years: int) -> date:
    """The day before the calendar has come round to that date, or passed it, `years` times."""
    day, rounds = first, 0
    while True:
        following = day + DAY
        came_round = (following.month, following.day) == (first.month, first.day)
        skipped = (first.month, first.day) == (2, 29) and (
            (following.month, following.day) == (3, 1) and not calendar.isleap(following.year)
        )
        rounds += came_round or skipped
        if rounds == years:
            return day
        day = following


@pytest.mark.parametrize("years", [1, 2, 3, 4])
def test_so_many_years_end_the_day_before_the_date_comes_round(years: int) -> None:
    sampled = [*every_day()[::17], *leap_days(), *(day + DAY for day in leap_days())]
    for first in sampled:
        assert last_day_of_years(first, years) == last_day_by_walking(first, years)
        assert anniversary(first, years) == last_day_by_walking(first, years) + DAY


@pytest.mark.parametrize(
    ("made", "last"),
    [
        ("2020-01-20", "2022-01-19"),
        ("2026-03-01", "2028-02-29"),
        ("2026-11-21", "2028-11-20"),
        ("2026-12-31", "2028-12-30"),
        ("2028-02-28", "2030-02-27"),
        ("2028-02-29", "2030-02-28"),
        ("2028-03-01", "2030-02-28"),
    ],
)
def test_the_shortest_lawful_order_of_the_published_table(made: str, last: str) -> None:
    assert last_day_of_years(date.fromisoformat(made), 2) == date.fromisoformat(last)


def earlier_by_walking(day: date, months: int) -> date:
    """Back to the same number in a month so many turns earlier, or to that month's last day."""
    turns, back = 0, day
    while turns < months:
        turns += back.day == 1
        back -= DAY
    while back.day > day.day:
        back -= DAY
    return back


@given(DAYS, st.integers(1, 12))
def test_months_before_is_the_same_number_or_the_last_day(day: date, months: int) -> None:
    assert months_before(day, months) == earlier_by_walking(day, months)


GENERAL_LIMIT = {"2022-05-02": 12, "2023-03-30": 6, "2024-11-18": 12}
"""Months, from the day on which a court convicts."""


@given(DAYS, DAYS)
def test_the_summary_maximum_follows_the_dates_of_the_general_limit(
    offence: date, conviction: date
) -> None:
    months, day = 6, FIRST
    while day <= conviction:
        months = GENERAL_LIMIT.get(day.isoformat(), months)
        day += DAY
    before_it_applied = offence.isoformat() < "2022-05-02"
    assert max_summary_months(offence, conviction) == (6 if before_it_applied else months)


def test_the_deadline_the_other_tests_use_is_the_walked_one() -> None:
    assert midnights()[date(2026, 11, 5)] == DEADLINE
