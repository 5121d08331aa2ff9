"""A receiver outside: who is reached through it and what of, and what waits to be sent there."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from consumers.channels.message import Channel, Message, Recipient
from consumers.outward_messages import OF_THE_ALERT
from consumers.recipients import Recipients
from domain.desk.deliveries import Delivery, DeliveryState
from domain.published import OrderEvent


@dataclass(frozen=True, slots=True)
class Receiver:
    """An endpoint outside by its name in the settings: who is reached through it, and what of."""

    name: str
    channel: Channel
    recipients: Recipients
    forces: frozenset[str] = frozenset()
    """Of which forces' alerts; empty is all of them."""
    least: int = 4
    """The least urgent priority they are told of."""
    exercise: bool = False
    """Whether everything they are told is marked as an exercise."""
    told_of: frozenset[str] = OF_THE_ALERT
    takes_over_for: str = ""
    """The force whose system it is, where alerts are handed over to it; else empty."""

    def wants(self, message: Message) -> bool:
        if message.what not in self.told_of or message.with_force != self.takes_over_for:
            return False
        of_theirs = not self.forces or not self.forces.isdisjoint(message.raised.forces)
        return of_theirs and message.priority <= self.least


@dataclass(order=True, slots=True)
class Waiting:
    """In the order they are sent: what was never tried before what did not work."""

    tried: bool
    due_at: datetime
    position: int
    event: OrderEvent = field(compare=False)
    delivery: UUID = field(compare=False)
    message: Message = field(compare=False)
    to: Recipient = field(compare=False)


_ON_ITS_WAY = (
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.WAITING,
)


def is_on_its_way(delivery: Delivery) -> bool:
    """Whether it was queued and is neither there nor given up."""
    return delivery.state in _ON_ITS_WAY and delivery.due_at is not None


def waiting_for(
    delivery: Delivery, event: OrderEvent, message: Message, to: Recipient
) -> Waiting | None:
    """Its place in the queue; None when it is there, or given up."""
    if not is_on_its_way(delivery) or delivery.due_at is None:
        return None
    tried = delivery.attempts > 0
    return Waiting(tried, delivery.due_at, event.position, event, delivery.id, message, to)
