"""What came of a jump of the clock: too early, too late, twice, without its alert, or not at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from math import inf

from tests.faults.falling_due import Moment
from tests.faults.lookout import Sighting

PROMPT = 3.0
"""Seconds after the clock passed a deadline in which it must be raised; later, it was silent."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What was told, when the clock passed it after that, and what was seen of it."""

    told: AbstractSet[Moment]
    passed: Mapping[Moment, float]
    seen: Sequence[Sighting]
    alerts: Sequence[tuple[str, datetime]]
    exit_status: int


@dataclass(frozen=True, slots=True)
class Account:
    """A jump; `faults` empty is a pass."""

    jump: str
    watched: Watched
    plain: Counter[str]
    """What the baseline made of the same instants."""
    prompt: float = PROMPT

    @property
    def deadlines(self) -> int:
        return len(self.watched.passed)

    @property
    def early(self) -> list[Moment]:
        return [each.moment for each in self.watched.seen if each.early]

    @property
    def silent(self) -> list[Moment]:
        return [moment for moment, seconds in self._late().items() if seconds > self.prompt]

    @property
    def twice(self) -> list[Moment]:
        return [moment for moment, count in self._times().items() if count > 1]

    @property
    def unexpected(self) -> list[Moment]:
        return [moment for moment in self._times() if moment not in self.watched.told]

    @property
    def unalerted(self) -> list[Moment]:
        """Found, but not with exactly one alert."""
        alerts = Counter(self.watched.alerts)
        return [(order, topic, at) for order, topic, at in self._times() if alerts[order, at] != 1]

    @property
    def slowest(self) -> float:
        return max(self._late().values(), default=0.0)

    @property
    def faults(self) -> list[str]:
        kinds = ("early", "silent", "twice", "unexpected", "unalerted")
        found = [f"{kind}: {_named(each)}" for kind in kinds for each in getattr(self, kind)]
        status = self.watched.exit_status
        return [*found, f"exit status {status}"] if status else found

    def _times(self) -> Counter[Moment]:
        return Counter(each.moment for each in self.watched.seen)

    def _late(self) -> dict[Moment, float]:
        """Seconds from the passing of each until it was seen."""
        first = {each.moment: each.seen for each in reversed(self.watched.seen)}
        return {moment: first.get(moment, inf) - at for moment, at in self.watched.passed.items()}


def _named(moment: Moment) -> str:
    order, _, due_at = moment
    return f"{order} due {due_at:%Y-%m-%d %H:%M}Z"
