from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.calendar import LONDON
from domain.desk.contacts import ContactMethod
from domain.desk.hands import DeskRole
from domain.desk.rota import Rota, Shift, StandIn, staffing_faults

EVERY_DAY = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
OPERATOR = DeskRole.OPERATOR


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def shift(begin: str, end: str, *staff: str, days: frozenset[str] = EVERY_DAY) -> Shift:
    return Shift.model_validate(
        {"role": "operator", "days": days, "begin": begin, "end": end, "staff": staff}
    )


DAY, NIGHT = shift("06:00", "18:00", "K1"), shift("18:00", "06:00", "K2")
ROTA = Rota(force="Kent", shifts=(DAY, NIGHT))


def test_the_night_shift_reaches_over_midnight() -> None:
    assert ROTA.on_duty(OPERATOR, london("2026-11-22 02:14")) == ("K2",)
    assert ROTA.on_duty(OPERATOR, london("2026-11-22 05:59")) == ("K2",)
    assert ROTA.on_duty(OPERATOR, london("2026-11-22 06:00")) == ("K1",)


@pytest.mark.parametrize("night", ["2027-03-28", "2026-10-25"])
def test_no_minute_of_a_change_night_is_nobodys(night: str) -> None:
    midnight = london(f"{night} 00:00")
    assert (
        list(ROTA.gaps(OPERATOR, midnight - timedelta(days=1), midnight + timedelta(days=2))) == []
    )
    for minutes in range(0, 8 * 60, 5):
        instant = midnight + timedelta(minutes=minutes)
        assert len(ROTA.on_duty(OPERATOR, instant)) == 1


def test_a_gap_is_named_to_the_minute() -> None:
    rota = Rota(force="Kent", shifts=(DAY,))
    (gap,) = rota.gaps(OPERATOR, london("2026-11-22 12:00"), london("2026-11-23 12:00"))
    assert (gap.begin, gap.end) == (london("2026-11-22 18:00"), london("2026-11-23 06:00"))


def test_on_a_bank_holiday_only_the_holiday_shift_counts() -> None:
    christmas = london("2026-12-25 12:00")
    holiday = shift("06:00", "18:00", "K9", days=frozenset({"holiday"}))
    rota = Rota(force="Kent", shifts=(DAY, holiday), holidays=frozenset({christmas.date()}))
    assert rota.on_duty(OPERATOR, christmas) == ("K9",)
    assert rota.on_duty(OPERATOR, christmas - timedelta(days=1)) == ("K1",)


def test_a_stand_in_takes_the_place_of_everybody_for_the_time_stated() -> None:
    away = StandIn(
        role=OPERATOR,
        begin=london("2026-11-22 08:00"),
        end=london("2026-11-22 10:00"),
        staff=("K7",),
    )
    rota = ROTA.model_copy(update={"stand_ins": (away,)})
    assert rota.on_duty(OPERATOR, london("2026-11-22 07:59")) == ("K1",)
    assert rota.on_duty(OPERATOR, london("2026-11-22 08:00")) == ("K7",)
    assert rota.on_duty(OPERATOR, london("2026-11-22 10:00")) == ("K1",)


def test_who_cannot_be_reached_and_a_role_with_nobody_are_said_before_the_shift() -> None:
    contact = ContactMethod(channel="mail", address=SecretStr("k1@kent.example"))
    rota = ROTA.model_copy(
        update={
            "contacts": {"K1": (contact,)},
            "must_be_filled": frozenset({OPERATOR, DeskRole.SPOC}),
        }
    )
    noon, midnight = london("2026-11-22 12:00"), london("2026-11-23 00:00")
    assert list(map(str, staffing_faults(rota, noon, midnight))) == [
        "K2: operator from Sun 22 Nov 2026 18:00 GMT to Mon 23 Nov 2026 00:00 GMT, and cannot be reached",
        "nobody has the role spoc from Sun 22 Nov 2026 12:00 GMT to Mon 23 Nov 2026 00:00 GMT",
    ]
    nothing_works = staffing_faults(rota, noon, midnight, lambda _: False)
    assert [gap.staff for gap in nothing_works] == [("K1",), ("K2",), ()]


_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@settings(deadline=None)
@given(
    st.lists(st.tuples(_times, _times), max_size=4),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001 - given a zone below
)
def test_an_instant_lies_in_a_gap_exactly_when_nobody_is_on_duty(
    times: list[tuple[time, time]], naive: datetime
) -> None:
    shifts = [
        Shift(role=OPERATOR, days=EVERY_DAY, begin=begin, end=end, staff=("K1",))  # type: ignore[arg-type]  # read from text, as a policy has it
        for begin, end in times
    ]
    rota = Rota(force="Kent", shifts=tuple(shifts))
    begin = naive.replace(tzinfo=UTC)
    gaps = list(rota.gaps(OPERATOR, begin, begin + timedelta(days=2)))
    for minutes in range(0, 2 * 24 * 60, 37):
        instant = begin + timedelta(minutes=minutes)
        in_a_gap = any(gap.begin <= instant < gap.end for gap in gaps)
        assert in_a_gap == (rota.on_duty(OPERATOR, instant) == ())
