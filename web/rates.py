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
        with self._lock:
            now = monotonic()
            after = max(self._full_at(who), now) + self._each
            if after > now + self._each * self._most:
                return False
            self._free_at[who] = after
            self._free_at.move_to_end(who)
            while len(self._free_at) > _MOST_KEPT:
                self._free_at.popitem(last=False)
            return True

    def _full_at(self, who: str) -> float:
        return self._free_at.get(who, 0.0)
