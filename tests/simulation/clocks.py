"""Two clocks of one machine: one that only goes on, and one on the wall that may be stepped."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 10, 1, 5, tzinfo=UTC)
"""Summer time ends in London on the 25th."""


@dataclass(slots=True)
class Clocks:
    """Time passes only when the scheduler says so. `elapsed` and `monotonic` are in true seconds."""

    elapsed: timedelta = timedelta(0)
    stepped: timedelta = timedelta(0)
    """By how much the wall clock is off."""

    def wall(self) -> datetime:
        return START + self.elapsed + self.stepped

    def monotonic(self) -> float:
        return self.elapsed.total_seconds() + 1.0

    def until(self, shown: datetime) -> timedelta:
        """How long until the wall clock shows that, if nobody steps it."""
        return max(shown - self.wall(), timedelta(0))
