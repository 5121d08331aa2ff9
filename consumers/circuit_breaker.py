"""A breaker: an endpoint that takes nothing is asked now and then, not with every message that waits.

A message that never works says nothing of the endpoint: until it is open, only what is sent for the first
time counts, or a few such messages, repeated, would keep all others waiting.
"""

from datetime import datetime, timedelta

OPENS_AFTER = 5
"""First attempts in a row that it could not take; then a person is told, too."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(seconds=30)
"""Between two questions to one that takes nothing: doubled each time, up to the longest."""

LONGEST_ASKED = timedelta(seconds=60)
"""However long an endpoint asks us to wait."""


class Breaker:
    """Of one lane to one endpoint. Closed, everything goes through; open, one message after a pause."""

    def __init__(self, *, is_open: bool = False) -> None:
        """`is_open` where it took nothing before we were started: it is asked with one message first."""
        self._failures = OPENS_AFTER if is_open else 0
        self._until: datetime | None = None
        self._took_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self._failures >= OPENS_AFTER

    def lets_through(self, now: datetime) -> bool:
        return self._until is None or self._until <= now

    def seconds_left(self, now: datetime) -> float:
        """Until the next message may go."""
        return 0.0 if self._until is None else max(0.0, (self._until - now).total_seconds())

    def took(self, now: datetime) -> None:
        """It answered for that message, be it with no."""
        self._failures, self._until, self._took_at = 0, None, now

    def failed(
        self, now: datetime, *, begun: datetime, first: bool, asked: timedelta | None
    ) -> None:
        """`first`: the message's own first attempt. `asked` is how long it wants to be left alone.

        Where it took another one since this attempt was `begun`, it hung on this message, not on all.
        """
        alive = self._took_at is not None and begun < self._took_at
        if self.is_open or (first and not alive):
            self._failures += 1
        pause = min(asked or timedelta(0), LONGEST_ASKED)
        if self.is_open:
            doublings = min(max(self._failures - OPENS_AFTER, 0), 16)
            pause = max(pause, min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE))
        self._until = now + pause if pause else None
