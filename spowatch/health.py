"""Health: which role of this process stands still or fails, told from outside the role's own thread."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import monotonic

STALLED_AFTER = 15.0
"""Seconds without a turn of its loop. A turn waits half a second and every call has a deadline."""

LANE_STALLED_AFTER = 90.0
"""The same for a lane: in one turn it gives a slow receiver all that is due, each within its time."""

STARTS_WITHIN = 20.0
"""Seconds until a role that is starting is in trouble; it is not ready from the first."""

FAILING_AFTER = 5.0
"""Seconds in which no turn ended well; a fault that passes by itself is nobody's business."""


_STARTING = "has not started"


@dataclass(slots=True)
class _Pulse:
    """One role's loop, by the monotonic clock."""

    turned_at: float
    ready: bool = False
    failing_since: float | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Stalled:
    """A role that does not do its work, since how many seconds, and why as far as is known."""

    role: str
    seconds: float
    why: str

    @property
    def is_trouble(self) -> bool:
        """Whether somebody must look; a role that is only starting is not at work, and in no trouble."""
        return self.why != _STARTING or self.seconds > STARTS_WITHIN

    def __str__(self) -> str:
        return f"{self.role} {self.why} for {self.seconds:.0f} s"


class Vitals:
    """Each role says what came of its turns; anybody asks. A role that hangs says nothing, and shows."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._pulses: dict[str, _Pulse] = {}

    def expect(self, roles: Iterable[str]) -> None:
        """From now on these are to be at work."""
        for role in roles:
            self._pulses.setdefault(role, _Pulse(self._clock()))

    def ready(self, role: str) -> None:
        pulse = self._pulses.setdefault(role, _Pulse(self._clock()))
        pulse.ready, pulse.turned_at = True, self._clock()

    def turned(self, role: str) -> None:
        """A turn ended well."""
        pulse = self._pulses[role]
        pulse.failing_since, pulse.turned_at = None, self._clock()

    def faulted(self, role: str, fault: Exception) -> None:
        """A turn ended with a fault. Its kind is kept and none of its words: they may name people."""
        pulse, now = self._pulses[role], self._clock()
        pulse.turned_at, pulse.fault = now, type(fault).__name__
        if pulse.failing_since is None:
            pulse.failing_since = now

    def roles(self) -> list[str]:
        return sorted(self._pulses)

    def since_turn(self, role: str) -> float:
        """Seconds since its last turn ended, well or not."""
        return self._clock() - self._pulses[role].turned_at

    def stalled(self) -> list[Stalled]:
        """The roles that are not at work, by name."""
        now = self._clock()
        return [
            Stalled(role, *found)
            for role in self.roles()
            for found in _trouble(role, self._pulses[role], now)
        ]


def _trouble(role: str, pulse: _Pulse, now: float) -> Iterator[tuple[float, str]]:
    silent = now - pulse.turned_at
    failing = 0.0 if pulse.failing_since is None else now - pulse.failing_since
    if not pulse.ready:
        yield silent, _STARTING
    elif silent > (LANE_STALLED_AFTER if role.startswith("outward") else STALLED_AFTER):
        yield silent, "stands still"
    elif failing > FAILING_AFTER:
        yield failing, f"fails ({pulse.fault})"
