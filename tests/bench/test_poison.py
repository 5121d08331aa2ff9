"""What never works keeps nothing else waiting, and is before a person in time."""

from statistics import median

from tests.bench.poison_bench import SHARE, measured

MESSAGES = 40
BUSY = 1_000.0
"""Milliseconds that a machine may be busy with something else; before a message that is tried again lie two seconds."""
AT_MOST = 60_000.0
"""Milliseconds; how soon on a quiet machine is the measure's to say."""


def test_one_in_ten_that_is_never_taken_does_not_slow_the_others() -> None:
    clean, healthy, poison = measured(MESSAGES, turns=1)
    assert len(clean) == MESSAGES
    assert (len(poison), len(healthy)) == (MESSAGES // SHARE, MESSAGES - MESSAGES // SHARE)
    assert median(healthy) < 2 * median(clean) + BUSY
    assert max(poison) < AT_MOST
