from collections import Counter
from datetime import UTC, datetime

from tests.bench.early_bench import Verdict, count_verdicts, hours_72, instants
from tests.bench.service_instants import awkward_instants
from tests.bench.summer_time import day_in_london, midnight, too_late

DEADLINES = 6_000


def test_the_oracle_reckons_the_published_cases() -> None:
    """Worked out by hand beside the Act, one on either clock change of 2026."""
    spring = datetime(2026, 3, 27, 12, tzinfo=UTC)
    autumn = datetime(2026, 10, 23, 12, tzinfo=UTC)
    assert too_late(spring) == datetime(2026, 3, 29, 23, tzinfo=UTC)
    assert too_late(autumn) == datetime(2026, 10, 26, tzinfo=UTC)


def test_half_past_eleven_in_utc_is_the_next_day_in_summer() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert midnight(day_in_london(late)) == datetime(2026, 7, 1, 23, tzinfo=UTC)


def test_no_miss_is_concluded_early_late_or_twice() -> None:
    assert count_verdicts(too_late, instants(DEADLINES)) == Counter(right=DEADLINES)


def test_a_deadline_72_hours_on_would_be_caught() -> None:
    """The same comparison, told to expect the wrong instants, fails both ways."""
    found = count_verdicts(hours_72, awkward_instants())
    assert found[Verdict.EARLY] > 100
    assert found[Verdict.LATE] > 100
