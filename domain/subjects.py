"""The person orders are against: what is true of the person bears on every order of theirs."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.events import Envelope, Event, RecordedEvent, Stream, holds
from domain.facts import Fact
from domain.facts.court import DAPOMade
from domain.facts.notification import NotificationReceived
from domain.facts.person import (
    CustodyEnded,
    CustodyStarted,
    DefendantDied,
    HospitalDetentionEnded,
    HospitalDetentionStarted,
    LeftUnitedKingdom,
    ReturnedToUnitedKingdom,
    SOA2003NotificationCeased,
    SOA2003NotificationStarted,
)
from domain.vocabulary import Statement

OF_THE_PERSON: tuple[type[Fact], ...] = (
    SOA2003NotificationStarted,
    SOA2003NotificationCeased,
    CustodyStarted,
    CustodyEnded,
    HospitalDetentionStarted,
    HospitalDetentionEnded,
    LeftUnitedKingdom,
    ReturnedToUnitedKingdom,
    DefendantDied,
    DAPOMade,
)
"""Facts that hold for every order on the person, those opened later included."""


def concerns_every_order(statement: Statement) -> bool:
    """Whether the fact is about the person: a visit to the station notifies under every order."""
    if isinstance(statement.fact, OF_THE_PERSON):
        return True
    return isinstance(statement.fact, NotificationReceived) and not statement.only_that_order


class OrderLinked(Event):
    """An order on the register is against this person."""

    TOPIC = "spo.order-linked.v1"
    order_id: UUID


@dataclass(slots=True)
class Subject(Stream):
    """A person, their orders, and what is known of them."""

    order_ids: list[UUID] = field(default_factory=list)
    facts: list[RecordedEvent[Fact]] = field(default_factory=list)

    def link(self, order_id: UUID, envelope: Envelope) -> None:
        if order_id not in self.order_ids:
            self._record(OrderLinked(order_id=order_id), envelope)

    def learn(self, fact: Fact, envelope: Envelope) -> None:
        """Keep a fact about the person, once."""
        known = any(
            entry.event == fact and entry.envelope.occurred_at == envelope.occurred_at
            for entry in self.facts
        )
        if not known:
            self._record(fact, envelope)

    def apply(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, OrderLinked):
            self.order_ids.append(recorded.event.order_id)
        elif holds(recorded, Fact):
            self.facts.append(recorded)
