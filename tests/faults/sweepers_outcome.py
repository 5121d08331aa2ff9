"""What came of a run with several sweepers, and whether each fault really met a deadline."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from tests.faults.falling_due import Moment
from tests.faults.lookout import Sighting


@dataclass(slots=True)
class Tally:
    """What was done to the sweepers, how often it met deadlines in their hands, and what followed."""

    struck: Counter[str] = field(default_factory=Counter)
    bit: Counter[str] = field(default_factory=Counter)
    takeovers: list[float] = field(default_factory=list)
    """Seconds from the kill of one until another raised the next that was due."""
    in_full: list[float] = field(default_factory=list)
    """Seconds from the same kills until all that was due then was raised."""
    held_up: int = 0
    """Times that nothing was raised until a frozen sweeper was let go."""
    silent: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    """Rows that a sheet came back without, and rows it had not before."""
    fell_over: int = 0
    unclean_stops: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`faults` empty is a pass, unless a fault never bit."""

    expected: AbstractSet[Moment]
    recorded: Sequence[Moment]
    """Read from the log after the end."""
    seen: Sequence[Sighting]
    tally: Tally

    @property
    def lost(self) -> list[str]:
        return sorted(order for order, _, _ in self.expected - set(self.recorded))

    @property
    def double(self) -> list[str]:
        times = Counter(self.recorded)
        return sorted(order for (order, _, _), number in times.items() if number > 1)

    @property
    def early(self) -> list[str]:
        return [each.moment[0] for each in self.seen if each.early]

    @property
    def unexpected(self) -> list[str]:
        return sorted(order for order, _, _ in set(self.recorded) - self.expected)

    @property
    def never_bit(self) -> list[str]:
        """Faults that never met a deadline in anyone's hands: the run shows nothing of them."""
        return [fault for fault in self.tally.struck if not self.tally.bit[fault]]

    @property
    def faults(self) -> list[str]:
        tally = self.tally
        kinds = ("lost", "double", "early", "unexpected")
        found = [f"{kind}: {order}" for kind in kinds for order in getattr(self, kind)]
        found += [f"silent: {order}" for order in tally.silent]
        found += [f"sheet unlike: {row}" for row in tally.unlike]
        counted = {
            "fell over": tally.fell_over,
            "stopped uncleanly": tally.unclean_stops,
        }
        return found + [f"{number} {what}" for what, number in counted.items() if number]
