"""To whom a lane sends: from its settings, or from whoever is on duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from consumers.channels.message import Message, Recipient


class Recipients(Protocol):
    """Whom one channel tells."""

    def of(self, message: Message) -> Sequence[Recipient]:
        """Each once; empty where this message is for nobody by this channel.

        Judged by the message's own instant (`message.at`): asked again after a restart it names the
        same people, or those who were told would be told anew and those who were not never.
        `message.tells` is the role whose turn it is, where a step or a missed deadline brought the message.
        """
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """The same recipients for every message, as the settings name them."""

    recipients: tuple[Recipient, ...]

    def of(self, message: Message) -> Sequence[Recipient]:  # noqa: ARG002 - the port's signature
        return self.recipients
