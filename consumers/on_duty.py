"""People on duty as recipients: an escalation step tells whoever has the role, by their own contact methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from consumers.channels.message import Message, Recipient
from consumers.recipients import Recipients
from domain.desk.policy_book import PolicyBook


class Policy(Protocol):
    def current(self) -> PolicyBook:
        """The policy that holds now."""
        ...


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Reached by one channel: who was on duty when the step fired, also when it is sent later.

    The steps that follow tell whoever is on duty then.
    """

    channel: str
    policy: Policy

    def of(self, message: Message) -> Sequence[Recipient]:
        """Each once, in the order of the rota; nobody unless it says whose turn it is."""
        if message.tells is None:
            return ()
        people = self.policy.current().on_duty(message.held_by, message.tells, message.at)
        found = {
            person.staff: Recipient(person.staff, method.address)
            for person in people
            for method in person.methods
            if method.channel == self.channel
        }
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Both:
    """Those of the settings, and whoever is on duty."""

    first: Recipients
    second: Recipients

    def of(self, message: Message) -> Sequence[Recipient]:
        found = {each.name: each for each in (*self.first.of(message), *self.second.of(message))}
        return tuple(found.values())
