"""The feed: what a consumer reads events from, whether the log or a broker is behind it."""

from collections.abc import Sequence
from typing import Protocol

from eventsourcing.persistence import Tracking

from domain.published import OrderEvent


class Feed(Protocol):
    name: str

    def read(self, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        """Events after the last committed position, oldest first; empty after `wait` seconds."""
        ...

    def commit(self, upto: OrderEvent) -> None:
        """Never deliver `upto` or anything before it again."""
        ...


class TrackedFeed(Feed, Protocol):
    """A feed whose bookmark can be saved with the effect, in one transaction."""

    def tracking(self, upto: OrderEvent) -> Tracking:
        """The bookmark, for an effect that is saved in the same transaction with it."""
        ...

    def committed(self, upto: OrderEvent) -> None:
        """Go on after `upto`; its bookmark was saved with the effect."""
        ...

    @property
    def more(self) -> bool:
        """Whether more may have been waiting behind what was read last; where not, nothing was."""
        ...

    @property
    def follows_log(self) -> bool:
        """Whether it gives all there is in the order of the log, and not in that of a broker's partitions."""
        ...

    @property
    def rewinds(self) -> int:
        """How often it went back to the bookmark on record, when told to or of itself."""
        ...

    def rewind(self) -> None:
        """Go on from the bookmark on record: another instance of this consumer moved it."""
        ...
