"""Entering facts: what somebody states on an order at this edge, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.alerts import AlertCode
from domain.facts import Fact
from domain.orders import StalkingProtectionOrder
from domain.refusals import Refusal
from web.access import Person


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as it was given, and on whose word.

    `values` are the fact's own, as JSON has them. `t` is when it happened (of a breach: was reported),
    now if left out; `known_at` when it became known, now if left out. Under a `key` it is recorded once.
    """

    kind: type[Fact]
    reference: str
    values: Mapping[str, Any]
    by: Person
    t: str | None = None
    known_at: str | None = None
    person: str | None = None
    key: str | None = None
    at_version: int | None = None


@dataclass(frozen=True, slots=True)
class AlertToCome:
    """An alert that the desk raises without anyone's help, by the id it will have."""

    id: UUID
    code: AlertCode
    priority: int


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of an entry. A refusal may be on record too: then it has an event."""

    order_id: UUID
    version: int
    position: int | None
    event_ids: Sequence[UUID]
    refusal: Refusal | None = None
    repeated: bool = False


class KeyUsedBefore(Exception):
    """The idempotency key was used for something else; nothing was done."""


class OrderUnreadable(Exception):
    """What is on record of the order cannot be read any more; nothing was recorded on it."""


class OrderBusy(Exception):
    """So many wait to write, on this order or on all, that one more is sent away; nothing was done."""


class Entries(Protocol):
    """The register as this edge states facts on it."""

    def enter(self, entry: Entry) -> Entered:
        """State it, once under its key, and return when it is durable.

        Raises `UnreadableFact`, `Refused` (no such order), `OrderChanged`, `KeyUsedBefore`,
        `OrderUnreadable`, `OrderBusy`.
        """
        ...

    def rehearse(self, entry: Entry) -> Refusal | None:
        """What `enter` would refuse it for; nothing is recorded. Raises as `enter`."""
        ...

    def alerts_of(self, order: StalkingProtectionOrder, event: UUID) -> Sequence[AlertToCome]:
        """The alerts that the desk raises because of that event of the order, as it stands."""
        ...

    def put_before_a_person(self, entry: Entry, raw: bytes, why: str, now: datetime) -> UUID:
        """A report that cannot be taken is on record, without a word it says; the id it has there."""
        ...
