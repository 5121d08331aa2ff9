"""The receiver outside: takes, refuses, forgets to answer, is down for hours; and keeps a list of what came."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from consumers.channels.message import Message, Never, NotNow, Recipient, Reply, Taken
from consumers.sender_mark import SenderMark
from tests.simulation.world import Violation, World

CHANNEL, RECEIVER = "webhook", "cad"


class Mark(SenderMark):
    """A machine's mark that is the same in every run: the real one is made of an inode and a clock."""

    def __init__(self, world: World) -> None:
        super().__init__(world.settings.data_dir)
        self.sender = "m" + "0" * 32


@dataclass
class Endpoint:
    """A channel of the outward lanes; `arrived` is everything that came, in order."""

    world: World
    name: str = CHANNEL
    down: bool = False
    arrived: list[tuple[UUID, UUID, str]] = field(default_factory=list)
    acknowledged: set[UUID] = field(default_factory=set)
    """Deliveries whose acceptance is on record: the oracle says which."""
    refused: set[UUID] = field(default_factory=set)
    """Messages; of a withdrawal the alert, which has that of its raise."""

    def send(self, message: Message, to: Recipient) -> Reply:
        identity = uuid5(message.alert, f"{message.id}:{self.name}:{to.name}")
        if identity in self.acknowledged:
            msg = f"{message.what} {message.id} was sent again after it was taken"
            raise Violation(msg)
        if self.down or self.world.chance(0.08):
            self.world.bit["endpoint down"] += 1
            return NotNow("connection refused")
        if self.world.chance(0.004):
            self.world.bit["endpoint refused"] += 1
            self.refused.add(message.alert if message.what == "withdrawn" else message.id)
            return Never("HTTP 400")
        self.arrived.append((message.id, message.alert, message.what))
        if self.world.chance(0.05):
            self.world.bit["answer lost"] += 1
            return NotNow("no answer")
        return Taken()

    def close(self) -> None:
        pass
