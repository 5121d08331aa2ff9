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
from domain.identified import DefendantIdentified
from domain.orders import OrderOpened, StalkingProtectionOrder, Stated
from domain.subjects import Subject, concerns_every_order, is_of_the_person
from domain.vocabulary import Statement

NAMESPACE = UUID("6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11")
"""Every identity on the register derives from this; never change it."""

OF_EVERY_FORCE = "PNC:"
"""So begins a reference to a person that all forces share."""


def nobody_named(reference: str) -> UUID:
    """The person of an order of whom nobody said who it is."""
    return uuid5(NAMESPACE, f"subject:order:{reference}")


def order_id(reference: str) -> UUID:
    return uuid5(NAMESPACE, f"order:{reference}")


def is_of_every_force(person: str) -> bool:
    """Whether that reference is the same person for every force."""
    return person.strip().upper().startswith(OF_EVERY_FORCE)


def subject_id(person: str, force: str = "") -> UUID:
    """Whom that force means by its reference: another force may give the same one to somebody else.

    A reference of the police national computer is the same person for every force.
    """
    if is_of_every_force(person):
        person, force = person.strip().upper(), ""
    # No reference holds the end of a line.
    return uuid5(NAMESPACE, f"subject:{person}\n{force}" if force else f"subject:{person}")


@dataclass(slots=True)
class Dossier:
    """A subject and their orders, loaded together and saved together."""

    subject: Subject
    orders: dict[UUID, StalkingProtectionOrder] = field(default_factory=dict)
    routes: Mapping[str, date] = field(default_factory=dict)
    left: Subject | None = None
    """Whom a report had named as the person of one of these orders, where it is to be somebody else."""
    access: Stream | None = None
    """To the subject's case, where whom it was closed to for `left` bears on it."""

    def open(self, opened: OrderOpened, envelope: Envelope) -> StalkingProtectionOrder:
        """Open a record on this person; what is already known of the person goes into it."""
        order = StalkingProtectionOrder(order_id(opened.reference))
        order.open(opened, envelope)
        self.orders[order.id] = order
        self.subject.link(order.id, envelope)
        for known in self.subject.facts:
            order.state(_restated(known, envelope), entered_at=envelope.entered_at)
        return order

    def identify(self, order: StalkingProtectionOrder, force: str, envelope: Envelope) -> None:
        """The order a report had opened is on this person, and of that force, by the court's word.

        What is known of the person bears on it from now on, and what was known of the one who was named
        before does not. What was said while nobody was named is of this person.
        """
        before = self.left
        named = before is not None and before.id != nobody_named(order.reference)
        theirs = [f.originator_version for f in order.facts if named and is_of_the_person(f.event)]
        told = DefendantIdentified(force=force, not_theirs=tuple(theirs))
        known = () if before is None else [_known(each, envelope) for each in self.subject.facts]
        order.identify(told, envelope, known)
        if before is None:
            return
        before.unlink(order.id, envelope.model_copy(update={"subject_id": before.id}))
        self.subject.link(order.id, envelope)
        for said in () if named else before.facts:
            self.state(_restated(said, envelope), order, entered_at=envelope.entered_at)

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
        others = (each for each in (self.left, self.access) if each is not None)
        return (*self.orders.values(), self.subject, *others)

    def pending(self) -> list[RecordedEvent]:
        """Every new event of the dossier, to be saved in one transaction."""
        return [recorded for stream in self.streams() for recorded in stream.collect_events()]


_SETS_TERMS = (FullOrderGranted, InterimOrderGranted, OrderVaried, InterimVaried)


def _known(told: RecordedEvent[Fact], envelope: Envelope) -> tuple[Fact, Envelope]:
    """A fact of the person as it comes to be on an order of theirs."""
    about = _restated(told, envelope).envelope(
        law=envelope.law,
        entered_at=envelope.entered_at,
        subject_id=envelope.subject_id,
        known_at=envelope.recorded_at,
    )
    return told.event, about


def _restated(known: RecordedEvent[Fact], envelope: Envelope) -> Statement:
    return Statement(
        fact=known.event,
        t=known.envelope.occurred_at,
        recorded_at=max(known.envelope.recorded_at, envelope.recorded_at),
        actor=known.envelope.actor,
        role=known.envelope.role,
        force=known.envelope.force,
    )
