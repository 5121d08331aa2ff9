"""A withdrawal and earlier word of its alert: that goes before it, by whichever lane, or not at all."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from consumers.outward_messages import WHAT, message_id
from consumers.outward_receiver import Waiting, is_on_its_way
from domain.alerts import AlertWithdrawn
from domain.batches import POISON, halved, read_all
from domain.desk.deliveries import Delivery, delivery_id
from domain.published import OrderEvent
from domain.register import OrderRegister

WAITS = timedelta(minutes=1)
"""So long for earlier word that its receiver does not take."""

_LOOK_AGAIN = timedelta(seconds=1)
"""Where earlier word is overdue: it is another lane's, or under way there."""


def later_turn(waiting: Waiting, register: OrderRegister, now: datetime) -> Waiting | None:
    """Its turn after earlier word that is to go there still, or the arrest would stand last; None where it may go.

    Once it has waited long enough, that word is called off.
    """
    if waiting.message.what != WHAT[AlertWithdrawn.TOPIC]:
        return None
    try:
        own = register.read(Delivery(waiting.delivery))
        left = [each for each in _earlier(waiting, own, register) if is_on_its_way(each)]
    except POISON:  # the attempt finds it too, and puts it before a person
        return None
    until = (own.queued_at or now) + WAITS
    if now >= until:
        left = [each for each in left if not _called_off(each, waiting, register, now)]
    if not left:
        return None
    due_at = max(now + _LOOK_AGAIN, *(each.due_at for each in left if each.due_at is not None))
    return replace(waiting, tried=True, due_at=due_at if now >= until else min(due_at, until))


def _earlier(waiting: Waiting, own: Delivery, register: OrderRegister) -> Iterator[Delivery]:
    """Word of the same alert that was to go to the same place; what cannot be read keeps nothing waiting."""
    if own.queued is None:
        return
    channel, receiver = own.queued.channel, own.queued.receiver
    ids = (
        delivery_id(waiting.message.alert, str(each), channel, receiver)
        for each in _said_before(waiting, register)
    )
    yield from halved(list(ids), partial(read_all, register, Delivery), _left_to_its_lane).values()


def _said_before(waiting: Waiting, register: OrderRegister) -> dict[UUID, None]:
    """The messages, each once."""
    alert, last = waiting.message.alert, waiting.event.version - 1
    said = (
        OrderEvent(0, each.topic, alert, each.originator_version)
        for each in register.events_of(alert, lte=last)
        if each.topic in WHAT
    )
    return {message_id(each): None for each in said}


def _called_off(
    delivery: Delivery, waiting: Waiting, register: OrderRegister, now: datetime
) -> bool:
    """Whether nothing more is sent of it; False where an attempt is under way."""
    called_off = delivery.call_off(waiting.message.id, now)
    with suppress(IntegrityError):  # its lane was first: it is looked at again
        register.keep([delivery])
        return called_off
    return False


def _left_to_its_lane(_: UUID, __: Exception) -> None:
    """A delivery that cannot be read is put before a person by the lane that sends it."""
