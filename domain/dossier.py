"""A person's orders taken together: a fact is stated once and reaches every order it bears on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid5

from domain.conditions import Condition
from domain.court_orders import OrderKind
from domain.events import Envelope, RecordedEvent, Stream
from domain.facts import Fact
from domain.facts.court import FullOrderGranted, InterimOrderGranted, InterimVaried, OrderVaried
from domain.orders import OrderOpened, StalkingProtectionOrder, Stated
from domain.subjects import Subject, concerns_every_order
from domain.vocabulary import Statement

NAMESPACE = UUID("6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11")
"""Every identity on the register derives from this; never change it."""

OF_EVERY_FORCE = "PNC:"
"""So begins a reference to a person that all forces share."""


def order_id(reference: str) -> UUID:
    return uuid5(NAMESPACE, f"order:{reference}")


def subject_id(person: str, force: str = "") -> UUID:
    """Whom that force means by its reference: another force may give the same one to somebody else.

    A reference of the police national computer is the same person for every force.
    """
    if person.strip().upper().startswith(OF_EVERY_FORCE):
        person, force = person.strip().upper(), ""
    # No reference holds the end of a line.
    return uuid5(NAMESPACE, f"subject:{person}\n{force}" if force else f"subject:{person}")


@dataclass(slots=True)
class Dossier:
    """A subject and their orders, loaded together and saved together."""

    subject: Subject
    orders: dict[UUID, StalkingProtectionOrder] = field(default_factory=dict)
    routes: Mapping[str, date] = field(default_factory=dict)

    def open(self, opened: OrderOpened, envelope: Envelope) -> StalkingProtectionOrder:
        """Open a record on this person; what is already known of the person goes into it."""
        order = StalkingProtectionOrder(order_id(opened.reference))
        order.open(opened, envelope)
        self.orders[order.id] = order
        self.subject.link(order.id, envelope)
        for known in self.subject.facts:
            order.state(_restated(known, envelope), entered_at=envelope.entered_at)
        return order

    def state(
        self, statement: Statement, order: StalkingProtectionOrder, *, entered_at: datetime
    ) -> Stated:
        """State a fact on `order`, and on the person's other orders where it is about the person.

        The answer is that of `order`.
        """
        stated = self._state(statement, order, entered_at)
        if concerns_every_order(statement):
            for other in self.orders.values():
                if other is not order:
                    self._state(statement, other, entered_at)
            if stated.recorded is not None and isinstance(stated.recorded.event, Fact):
                self.subject.learn(statement.fact, stated.recorded.envelope)
        return stated

    def _state(
        self, statement: Statement, order: StalkingProtectionOrder, entered_at: datetime
    ) -> Stated:
        return order.state(
            statement,
            entered_at=entered_at,
            beside=self._terms_beside(order, statement),
            routes=self.routes.items(),
        )

    def _terms_beside(
        self, order: StalkingProtectionOrder, statement: Statement
    ) -> Iterable[Condition]:
        """The terms the person must keep under their other orders (s.2(6))."""
        if not isinstance(statement.fact, _SETS_TERMS):
            return
        at = statement.occurred_at
        for other in self.orders.values():
            if other is order:
                continue
            in_force = other.position(at).history.order_at(at, OrderKind.FULL, OrderKind.INTERIM)
            if in_force is not None:
                yield from in_force.terms_at(at).conditions

    def streams(self) -> tuple[Stream, ...]:
        """What is saved together, orders first."""
        return (*self.orders.values(), self.subject)

    def pending(self) -> list[RecordedEvent]:
        """Every new event of the dossier, to be saved in one transaction."""
        return [recorded for stream in self.streams() for recorded in stream.collect_events()]


_SETS_TERMS = (FullOrderGranted, InterimOrderGranted, OrderVaried, InterimVaried)


def _restated(known: RecordedEvent[Fact], envelope: Envelope) -> Statement:
    return Statement(
        fact=known.event,
        t=known.envelope.occurred_at,
        recorded_at=max(known.envelope.recorded_at, envelope.recorded_at),
        actor=known.envelope.actor,
        role=known.envelope.role,
        force=known.envelope.force,
    )
