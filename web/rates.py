"""How often somebody may try: so many in a spell, counted by where they come from, in this process."""

import threading
from collections import OrderedDict
from time import monotonic

_MOST_KEPT = 10_000


class Rate:
    """Fills up again evenly. Who is not seen for a while is forgotten. Safe to share between threads."""

    def __init__(self, most: int, *, per: float) -> None:
        """`most` at once, and as many again in `per` seconds."""
        self._most = most
        self._each = per / most
        self._free_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def has_room(self, who: str) -> bool:
        """Whether one more would be taken now."""
        with self._lock:
            return self._full_at(who) <= monotonic() + self._each * (self._most - 1)

    def takes(self, who: str) -> bool:
        """Count one more; whether it was within the limit."""
        return not self.wait_of(who)

    def wait_of(self, who: str) -> float:
        """Count one more; 0, or the seconds until one would be taken, and then it is not counted."""
        with self._lock:
            now = monotonic()
            after = max(self._full_at(who), now) + self._each
            over = after - (now + self._each * self._most)
            if over > 0:
                return over
            self._free_at[who] = after
            self._free_at.move_to_end(who)
            while len(self._free_at) > _MOST_KEPT:
                self._free_at.popitem(last=False)
            return 0.0

    def _full_at(self, who: str) -> float:
        return self._free_at.get(who, 0.0)
