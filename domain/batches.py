"""Many orders at once: read by one query, told the time, saved in one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, MapperDeserialisationError, StoredEvent

from domain.deadlines import Agenda, Due, pending, urgency
from domain.events import Stream
from domain.orders import StalkingProtectionOrder
from domain.position import Position
from domain.register import OrderRegister


class _ReadsStreams(Protocol):
    def select_streams(
        self, originator_ids: Sequence[UUID | str]
    ) -> Mapping[UUID | str, Sequence[StoredEvent]]:
        """The whole stream of each id."""
        ...


S = TypeVar("S", bound=Stream)
T = TypeVar("T")
R = TypeVar("R")

POISON = (MapperDeserialisationError, ArithmeticError, LookupError, TypeError, ValueError)
"""What an order that cannot be read or judged raises."""


def read_all(
    register: OrderRegister,
    kind: type[S],
    identities: Sequence[UUID],
    *,
    topics: Collection[str] = (),
) -> dict[UUID, S]:
    """The streams by one query, empty where nothing is stored; of `topics` alone where given.

    One that cannot be read raises, and names its event.
    """
    read = {}
    streams = cast("_ReadsStreams", register.recorder).select_streams(identities)
    for identity, stored in streams.items():
        stream = kind(cast("UUID", identity))
        wanted = [each for each in stored if not topics or each.topic in topics]
        stream.fold(map(register.mapper.to_domain_event, wanted))  # type: ignore[arg-type]
        read[stream.id] = stream
    return read


def read_orders(
    register: OrderRegister, identities: Sequence[UUID]
) -> dict[UUID, StalkingProtectionOrder]:
    return read_all(register, StalkingProtectionOrder, identities)


def agendas(
    register: OrderRegister, identities: Sequence[UUID], now: datetime
) -> dict[UUID, Agenda]:
    """What is pending for each order; nothing for what is no order."""
    orders = read_orders(register, identities)
    return {identity: agenda(order, now) for identity, order in orders.items()}


def agenda(order: StalkingProtectionOrder, now: datetime) -> Agenda:
    """What is pending as of what the order has concluded so far, be it overdue by `now`."""
    if not order.reference or order.known_until is None:
        return Agenda(order.version, 1, [])
    return agenda_at(order, order.position(min(order.known_until, now)))


def tell_time(
    register: OrderRegister,
    due: Sequence[Due],
    now: datetime,
    ready: Mapping[UUID, StalkingProtectionOrder] = MappingProxyType({}),
) -> dict[UUID, Agenda]:
    """Tell each order what time it is, and save what they conclude in one transaction.

    Those in `ready` need not be read. Raises `IntegrityError`, with nothing saved, when one of them
    was written to meanwhile.
    """
    unread = [each.order_id for each in due if each.order_id not in ready]
    orders = {**ready, **(read_orders(register, unread) if unread else {})}
    agendas_now = {each.order_id: _told(orders[each.order_id], each, now) for each in due}
    pending_events = [new for order in orders.values() for new in order.collect_events()]
    if pending_events:
        register.events.put(pending_events)
    return agendas_now


def _told(order: StalkingProtectionOrder, due: Due, now: datetime) -> Agenda:
    """An order that holds nothing newer than what `due` was worked out from changes then first."""
    if order.version == due.version and order.next_change is not None:
        order.next_change = max(order.next_change, due.due_at)
    concluded = order.advance(now, entered_at=now)
    return agenda_at(order, concluded or order.position(now))


def agenda_at(order: StalkingProtectionOrder, position: Position) -> Agenda:
    return Agenda(order.version, urgency(position), pending(position))


def halved(
    items: Sequence[T],
    attempt: Callable[[Sequence[T]], dict[UUID, R]],
    give_up: Callable[[T, Exception], None],
) -> dict[UUID, R]:
    """`attempt` on all; where that fails, on each half, so that one order stops no other.

    An order that cannot be read or judged even alone is handed to `give_up`. One that another
    writer got to first is left out: what was written brings it up again.
    """
    try:
        return attempt(items)
    except (*POISON, IntegrityError) as fault:
        if len(items) == 1:
            if isinstance(fault, POISON):
                give_up(items[0], fault)
            return {}
    middle = len(items) // 2
    first = halved(items[:middle], attempt, give_up)
    return first | halved(items[middle:], attempt, give_up)
