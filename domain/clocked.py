"""What the clock may change: orders, alerts on the desk, reviews of access. A sweep tells each what time it is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Protocol, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.alerts import AlertRaised
from domain.case_access import OF_CASE_ACCESS, CaseAccess
from domain.deadlines import Agenda, Due, pending, urgency
from domain.desk.agenda import agenda_of
from domain.desk.case import AlertCase
from domain.desk.reading import under_its_policies
from domain.orders import StalkingProtectionOrder
from domain.position import Position
from domain.register import OrderRegister

Clocked = StalkingProtectionOrder | AlertCase | CaseAccess


class ReadsStreams(Protocol):
    def select_streams(
        self, originator_ids: Sequence[UUID | str], topics: Collection[str] = ()
    ) -> Mapping[UUID | str, Sequence[StoredEvent]]:
        """The whole stream of each id; of `topics` alone, where there are any."""
        ...


def read_clocked(register: OrderRegister, identities: Sequence[UUID]) -> dict[UUID, Clocked]:
    """The streams by one query; what is none of them is an order of version 0, or one without a reference.

    One that cannot be read raises, and names its event.
    """
    read: dict[UUID, Clocked] = {}
    streams = cast("ReadsStreams", register.recorder).select_streams(identities)
    register.expect(chain.from_iterable(streams.values()))
    for identity, stored in streams.items():
        stream: Clocked = _kind_of(stored)(cast("UUID", identity))
        stream.fold(register.read_back(stored))
        if isinstance(stream, AlertCase):
            under_its_policies(stream, register)
        read[stream.id] = stream
    return read


def _kind_of(stored: Sequence[StoredEvent]) -> type[Clocked]:
    first = stored[0].topic if stored else ""
    if first == AlertRaised.TOPIC:
        return AlertCase
    return CaseAccess if first in OF_CASE_ACCESS else StalkingProtectionOrder


def agenda(stream: Clocked, now: datetime) -> Agenda:
    """What is pending as of what it has concluded so far, be it overdue by `now`."""
    if isinstance(stream, AlertCase):
        return agenda_of(stream)
    if isinstance(stream, CaseAccess):
        return stream.agenda()
    if not stream.reference or stream.known_until is None:
        return Agenda(stream.version, 1, [])
    return agenda_at(stream, stream.position(min(stream.known_until, now)))


def agenda_now(stream: Clocked, now: datetime) -> Agenda:
    """What is pending of it at `now`, whether or not it was told so before."""
    if isinstance(stream, AlertCase):
        return agenda_of(stream)
    if isinstance(stream, CaseAccess):
        return stream.agenda()
    return agenda_at(stream, stream.position(max(now, stream.known_until or now)))


def told(stream: Clocked, due: Due, now: datetime) -> Agenda:
    """Tell it the time. One that holds nothing newer than what `due` was made from changes then first."""
    if isinstance(stream, AlertCase):
        stream.advance(now)
        return agenda_of(stream)
    if isinstance(stream, CaseAccess):
        stream.advance(now)
        return stream.agenda()
    if stream.version == due.version and stream.next_change is not None:
        stream.next_change = max(stream.next_change, due.due_at)
    concluded = stream.advance(now, entered_at=now)
    return agenda_at(stream, concluded or stream.position(now))


def judge_ahead(stream: Clocked, due: Due) -> None:
    """Work out now where an order will stand at that instant; it concludes nothing before it is told."""
    if isinstance(stream, StalkingProtectionOrder) and stream.version == due.version:
        stream.position(due.due_at)


def agenda_at(order: StalkingProtectionOrder, position: Position) -> Agenda:
    return Agenda(order.version, urgency(position), pending(position))
