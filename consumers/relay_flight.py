"""Records handed to the Kafka client together: what the broker said to each so far."""

from collections.abc import Sequence
from typing import Any

from consumers.relay_ledger import Sent
from consumers.relay_messages import Message
from domain.published import Outgoing


class Flight:
    """Records handed to the client and not all acknowledged yet."""

    def __init__(
        self,
        out: Sequence[Outgoing],
        messages: Sequence[Message],
        futures: Sequence[Any],
        started: float,
    ) -> None:
        self.out = out
        self.messages = messages
        self.started = started
        self.futures = futures

    @property
    def upto(self) -> int:
        """The position of its last event; 0 of what is sent again."""
        return self.out[-1].event.position if self.out else 0

    @property
    def landed(self) -> bool:
        return all(each.succeeded() for each in self.futures)

    @property
    def failed(self) -> bool:
        return any(each.failed() for each in self.futures)

    @property
    def missing(self) -> int:
        return sum(not each.succeeded() for each in self.futures)

    def sent(self) -> list[Sent]:
        return [
            Sent(m.position, m.topic, f.value.partition, f.value.offset, m.event_id)
            for m, f in zip(self.messages, self.futures, strict=True)
        ]
