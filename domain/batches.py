"""Many orders at once: read by one query, told the time, saved in one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, MapperDeserialisationError

from domain.brought import NOTHING_BROUGHT, Brought
from domain.clocked import Clocked, ReadsStreams, agenda, read_clocked, told
from domain.deadlines import Agenda, Due
from domain.events import Stream
from domain.orders import StalkingProtectionOrder
from domain.personal import Wanted
from domain.register import OrderRegister

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
    words: Wanted | None = None,
    brought: Brought = NOTHING_BROUGHT,
) -> dict[UUID, S]:
    """The streams by one query, empty where nothing is stored; of `topics` alone where given.

    Where `words` says which personal ones are wanted, no others are opened. Those in `brought` are
    not read again. One that cannot be read raises, and names its event.
    """
    read = {}
    recorder = cast("ReadsStreams", register.recorder)
    missing = [each for each in identities if each not in brought]
    selected = recorder.select_streams(missing, topics) if missing else {}
    streams = {each: brought[each] if each in brought else selected[each] for each in identities}
    register.expect(chain.from_iterable(streams.values()), words=words)
    for identity, stored in streams.items():
        stream = kind(identity)
        wanted = [each for each in stored if not topics or each.topic in topics]
        stream.fold(register.read_back(wanted, words=words))
        read[stream.id] = stream
    return read


def read_orders(
    register: OrderRegister, identities: Sequence[UUID]
) -> dict[UUID, StalkingProtectionOrder]:
    return read_all(register, StalkingProtectionOrder, identities)


def agendas(
    register: OrderRegister, identities: Sequence[UUID], now: datetime
) -> dict[UUID, Agenda]:
    """What is pending for each order and alert; nothing for what is neither."""
    streams = read_clocked(register, identities)
    return {identity: agenda(stream, now) for identity, stream in streams.items()}


def tell_time(
    register: OrderRegister,
    due: Sequence[Due],
    now: datetime,
    ready: Mapping[UUID, Clocked] = MappingProxyType({}),
) -> dict[UUID, Agenda]:
    """Tell each what time it is, and save what they conclude in one transaction.

    Those in `ready` need not be read. Raises `IntegrityError`, with nothing saved, when one of them
    was written to meanwhile.
    """
    unread = [each.order_id for each in due if each.order_id not in ready]
    streams = {**ready, **(read_clocked(register, unread) if unread else {})}
    agendas_now = {each.order_id: told(streams[each.order_id], each, now) for each in due}
    pending_events = [new for stream in streams.values() for new in stream.collect_events()]
    if pending_events:
        register.events.put(pending_events)
    return agendas_now


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
