"""Many orders at once: read by one query, told the time, saved in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, MapperDeserialisationError, StoredEvent

from domain.deadlines import Deadline, pending, urgency
from domain.orders import StalkingProtectionOrder
from domain.register import OrderRegister


class _ReadsStreams(Protocol):
    def select_streams(
        self, originator_ids: Sequence[UUID | str]
    ) -> Mapping[UUID | str, Sequence[StoredEvent]]:
        """The whole stream of each id."""
        ...


POISON = (MapperDeserialisationError, ArithmeticError, LookupError, TypeError, ValueError)
"""What an order that cannot be read or judged raises."""

Agenda = tuple[int, list[Deadline]]
"""How urgent an order is among those due together, and its pending instants."""

NOTHING_PENDING: Agenda = (1, [])


def read_orders(
    register: OrderRegister, identities: Sequence[UUID]
) -> dict[UUID, StalkingProtectionOrder]:
    """The orders by one query. One that cannot be read raises, and names its event."""
    streams = cast("_ReadsStreams", register.recorder).select_streams(identities)
    orders = {}
    for identity, stored in streams.items():
        order = StalkingProtectionOrder(cast("UUID", identity))
        order.fold(map(register.mapper.to_domain_event, stored))  # type: ignore[arg-type]
        orders[order.id] = order
    return orders


def agendas(
    register: OrderRegister, identities: Sequence[UUID], now: datetime
) -> dict[UUID, Agenda]:
    """What is pending for each order; nothing for what is no order."""
    orders = read_orders(register, identities)
    return {identity: agenda(order, now) for identity, order in orders.items()}


def agenda(order: StalkingProtectionOrder, now: datetime) -> Agenda:
    """What is pending as of what the order has concluded so far, be it overdue by `now`."""
    if not order.reference or order.known_until is None:
        return NOTHING_PENDING
    position = order.position(min(order.known_until, now))
    return urgency(position), pending(position)


def tell_time(
    register: OrderRegister, identities: Sequence[UUID], now: datetime
) -> dict[UUID, Agenda]:
    """Tell each order what time it is, and save what they conclude in one transaction.

    Raises `IntegrityError`, with nothing saved, when one of them was written to meanwhile.
    """
    orders = read_orders(register, identities)
    pending_events = []
    for order in orders.values():
        order.advance(now, entered_at=now)
        pending_events += order.collect_events()
    if pending_events:
        register.events.put(pending_events)
    return {identity: _afterwards(order, now) for identity, order in orders.items()}


def _afterwards(order: StalkingProtectionOrder, now: datetime) -> Agenda:
    position = order.position(now)
    return urgency(position), pending(position)


def halved(
    identities: Sequence[UUID],
    attempt: Callable[[Sequence[UUID]], dict[UUID, Agenda]],
    give_up: Callable[[UUID, Exception], None],
) -> dict[UUID, Agenda]:
    """`attempt` on all; where that fails, on each half, so that one order stops no other.

    An order that cannot be read or judged even alone is handed to `give_up`. One that another
    writer got to first is left out: what was written brings it up again.
    """
    try:
        return attempt(identities)
    except (*POISON, IntegrityError) as fault:
        if len(identities) == 1:
            if isinstance(fault, POISON):
                give_up(identities[0], fault)
            return {}
    middle = len(identities) // 2
    first = halved(identities[:middle], attempt, give_up)
    return first | halved(identities[middle:], attempt, give_up)
