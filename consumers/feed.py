"""The feed: what a consumer reads events from, whether the log or a broker is behind it."""

from collections.abc import Sequence
from typing import Protocol

from domain.published import OrderEvent


class Feed(Protocol):
    def read(self, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """Events after the last committed position, oldest first; empty after `wait` seconds."""
        ...

    def commit(self, upto: OrderEvent) -> None:
        """Never deliver `upto` or anything before it again."""
        ...
