"""What leaves the house about an alert: thin by rule. No name, no address, nothing of a protected person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from pydantic import SecretStr

from domain.alerts import ALERT_CLASS, INSTRUCTIONS, AlertCode, AlertRaised
from domain.desk.deliveries import DeliveryState
from domain.desk.hands import DeskRole
from domain.published import OrderEvent

LONGEST_HEADLINE = 120
LINE_TEST = "line_test"


@dataclass(frozen=True, slots=True)
class Message:
    """One alert for one receiver. `id` is the same however often it is sent."""

    id: UUID
    alert: UUID
    what: str
    """raised, escalated, resounded, telling_overdue, withdrawn, line_test, or a step of a transfer."""
    raised: AlertRaised
    priority: int
    at: datetime
    exercise: bool = False
    event: OrderEvent | None = None
    """What brought it, by its place in the log."""
    tells: DeskRole | None = None
    """Whose turn it is, where a step of the escalation or a deadline missed brought it."""
    step: int | None = None
    """Which step of the escalation that is, from 1."""
    held_by: str = ""
    """The force that has the alert now."""
    with_force: str = ""
    """The force that is asked to take the alert over, or has answered."""
    first_at: datetime | None = None
    """When people were first told of an alert that was held back; None for all others."""

    @property
    def headline(self) -> str:
        """One line that may be read aloud, at most `LONGEST_HEADLINE` characters."""
        test = "EXERCISE " if self.exercise else ""
        if self.what == LINE_TEST:
            return f"{test}TEST OF THE LINE: nothing happened"
        what = "" if self.what == "raised" else f"{self.what.replace('_', ' ').upper()} "
        told = f"{test}{what}P{self.priority} {self.raised.code} {self.raised.reference}"
        return told[:LONGEST_HEADLINE]

    @property
    def instruction(self) -> str:
        return INSTRUCTIONS[AlertCode(self.raised.code)]

    def told(self) -> dict[str, Any]:
        """Everything a receiver is told; the rest is behind a sign-in."""
        return {
            "id": str(self.alert),
            "what": self.what,
            "kind": str(self.raised.code),
            "class": str(ALERT_CLASS[self.raised.code]),
            "priority": self.priority,
            "step": self.step,
            "force": self.raised.force,
            "order": self.raised.reference,
            "cause": str(self.raised.cause),
            "condition": self.raised.condition,
            "due_at": self.raised.due_at.isoformat(),
            "raised_at": self.raised.raised_at.isoformat(),
            "late": self.raised.late_because is not None,
            "exercise": self.exercise,
        }


@dataclass(frozen=True, slots=True)
class Recipient:
    """One mailbox, telephone or endpoint."""

    name: str
    """A name from the settings, or a staff number: it goes on record."""
    address: SecretStr
    """Where it is. Never on record, in a log line or in a reply."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The other side has it, under an id of its own where it gave one."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class NotNow:
    """It did not work this time, in `said` words of ours; after what time they asked to be tried.

    `of_all`: what they ask concerns everything we send, not this message alone.
    """

    said: str
    after: timedelta | None = None
    of_all: bool = False


@dataclass(frozen=True, slots=True)
class Never:
    """It will not work however often it is tried: another channel must tell them."""

    said: str


Reply = Taken | NotNow | Never


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far a message came, by whoever carries it. `reference` is the message's id as they have it."""

    reference: str
    state: DeliveryState
    at: datetime
    said: str = ""


class Confirming(Protocol):
    """A channel that can be asked later how far a message came."""

    @property
    def name(self) -> str: ...

    def how_far(self, provider_id: str) -> Receipt | None:
        """None while that is not known; within ten seconds whatever the other side does."""
        ...


class Channel(Protocol):
    """A way to reach recipients. Named in settings and on record; every one keeps the same promises."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message, to: Recipient) -> Reply:
        """Send it under its id, within ten seconds whatever the other side does.

        Says nothing personal, in the message or in the reply. Raises nothing that the other side
        can cause. Only where nobody can know whether it arrived does it answer `NotNow`.
        """
        ...

    def close(self) -> None: ...
