"""How late things come on a link that drops some: TCP sends them again, and what is behind them waits."""

from random import Random

SENT_AGAIN = 0.2
"""Seconds until TCP sends again what nobody acknowledged, on a link as quick as ours; twice as long each time."""


class Dropped:
    """A model: no packet is dropped. A proxy holds up a piece as long as it would have been missing."""

    def __init__(self, share: float, rng: Random) -> None:
        """`share` of what is sent is dropped, and of what is sent again."""
        self.count = 0
        self._share = share
        self._rng = rng

    def stall(self) -> float:
        """Seconds that the next piece comes later, mostly none."""
        late, wait = 0.0, SENT_AGAIN
        while self._rng.random() < self._share:
            late, wait = late + wait, 2 * wait
            self.count += 1
        return late
