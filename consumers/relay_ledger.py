"""What the relay remembers: how far it is, where each position went, and whose turn it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Protocol

from consumers.relay_messages import ALERT_OUTCOME, ALERT_REQUESTED, ORDER_EVENTS, QUARANTINE

KEPT: Mapping[str, timedelta] = MappingProxyType(
    {
        ORDER_EVENTS: timedelta(days=14),
        ALERT_REQUESTED: timedelta(days=14),
        ALERT_OUTCOME: timedelta(days=14),
        QUARANTINE: timedelta(days=30),
    }
)
"""For how long each topic keeps its records, as in topics.yaml. Older ones need not be found again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A record the broker acknowledged: which position of the log, and where it lies."""

    position: int
    topic: str
    partition: int
    offset: int
    event_id: bytes


class LeaseLost(Exception):
    """Another relay has taken over. What this one still sends is refused by the ledger."""

    def __init__(self, token: int) -> None:
        super().__init__(f"another relay has taken the lease; ours had the token {token}")


@dataclass(frozen=True, slots=True)
class Lease:
    """Whose turn it is to send, as the ledger has it: nobody's where `holder` is empty."""

    holder: str
    token: int
    left: float
    """Seconds by the ledger's own time; not above zero for one that has run out."""


def forgetting(sent: Sequence[Sent]) -> int:
    """How many that are too old may go when these come: more than come, in small steps."""
    return 2 * len(sent)


class RelayLedger(Protocol):
    def acquire(self, holder: str, *, seconds: float) -> int | None:
        """The fencing token, when the lease is ours or was free; None while another holds it.

        Time is the ledger's own; asked again by its holder it is prolonged under the same token.
        """
        ...

    def lease(self) -> Lease: ...

    def position(self) -> int:
        """Everything up to here was acknowledged by the broker."""
        ...

    def acknowledged(self, sent: Sequence[Sent], position: int, *, token: int) -> None:
        """Remember these, and that everything up to `position` is sent. Raises `LeaseLost`.

        Of each topic a few go that it does not keep any more, except those it lost.
        """
        ...

    def ends(self) -> dict[tuple[str, int], int]:
        """Of each topic and partition the offset after the last record remembered."""
        ...

    def lose(self, topic: str, partition: int, offset: int, *, token: int) -> None:
        """Remember that the broker has nothing of ours there from that offset on.

        Raises `LeaseLost`.
        """
        ...

    def forget(self, lost: Sequence[Sent], *, token: int) -> None:
        """Of what was lost, what the log does not tell any more. Raises `LeaseLost`."""
        ...

    def lost(self) -> Sequence[Sent]:
        """What the broker lost and has not taken again, in the order of the log."""
        ...

    def latest(self, topic: str, partition: int, *, limit: int) -> Sequence[Sent]:
        """The records remembered last, the newest first."""
        ...
