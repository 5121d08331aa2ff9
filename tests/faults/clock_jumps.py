"""How the clock is stepped, jump by jump, and for which days orders are told before each step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.faults.falling_due import midnight

_SHORTLY = timedelta(seconds=0.7)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """Orders that are told first, then the clock set or moved, then seconds in which it runs."""

    to: datetime | timedelta
    runs: float = 0.5
    told: Sequence[date] = ()
    """Days that are the first too late; some orders are told for each."""


@dataclass(frozen=True, slots=True)
class Jump:
    name: str
    begins: datetime
    steps: Sequence[Step]


def _past(day: date, *, told: Sequence[date] = ()) -> Step:
    """The clock is put just before the midnight that begins `day`, and passes it by itself."""
    return Step(midnight(day) - _SHORTLY, runs=1.0, told=told)


def _days(first: date, count: int) -> list[date]:
    return [first + number * _DAY for number in range(count)]


def _nights(name: str, first: date, count: int) -> Jump:
    """Night after night is passed, with a look an hour before and after each."""
    days = _days(first, count)
    begins = midnight(first - _DAY) + timedelta(hours=12)
    steps = []
    for day in days:
        before, told = midnight(day) - _HOUR - _SHORTLY, [day]
        steps += [Step(before, runs=1.0, told=told), _past(day), Step(midnight(day) + _HOUR)]
    return Jump(name, begins, steps)


_JUNE = date(2026, 6, 11)
_MIDNIGHT = midnight(_JUNE)
JUMPS = (
    Jump("none", _MIDNIGHT - timedelta(seconds=3), [Step(timedelta(0), runs=4.0, told=[_JUNE])]),
    Jump(
        "+3 h",
        _MIDNIGHT - 1.5 * _HOUR,
        [Step(3 * _HOUR, told=_days(_JUNE, 2)), _past(_JUNE + _DAY)],
    ),
    Jump(
        "-1 h",
        _MIDNIGHT - timedelta(minutes=1),
        [
            # Put back just before the instant for which the alarm was set, and once more after it.
            Step(_MIDNIGHT - _SHORTLY, runs=0.4, told=_days(_JUNE, 2)),
            Step(-_HOUR, runs=2.2),
            _past(_JUNE),
            Step(-_HOUR, runs=1.0),
            # Its instant was shown before, but not since it was told.
            _past(_JUNE, told=[_JUNE]),
            _past(_JUNE + _DAY),
        ],
    ),
    Jump(
        "+3 d",
        _MIDNIGHT - timedelta(hours=12),
        [
            Step(3 * _DAY, told=_days(_JUNE, 3)),
            _past(_JUNE + 3 * _DAY, told=[_JUNE + 3 * _DAY]),
        ],
    ),
    Jump(
        "+100 d",
        _MIDNIGHT - timedelta(hours=12),
        [Step(100 * _DAY, told=_days(_JUNE, 3)), _past(_JUNE + 100 * _DAY)],
    ),
    Jump(
        "0.5 s to and fro",
        _MIDNIGHT - timedelta(hours=1),
        [
            Step(_MIDNIGHT - timedelta(seconds=1), runs=0.2, told=[_JUNE]),
            *(Step(sign * timedelta(seconds=0.5), runs=0.15) for sign in (1, -1) * 8),
        ],
    ),
    _nights("29 March 2026", date(2026, 3, 28), 3),
    _nights("25 October 2026", date(2026, 10, 24), 3),
    _nights("29 February 2028", date(2028, 2, 28), 4),
)
