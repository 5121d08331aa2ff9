"""What readers went on without, and how each is told to handle it once the cause is mended."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.batches import POISON, agendas
from domain.orders import OrderOpened
from domain.parked import EventParked, ParkedEvent, redrive
from domain.register import OrderRegister
from spowatch.log_pages import pages, stream, stream_of
from spowatch.open_store import Store
from spowatch.pending import NoSheet, sheet_of
from spowatch.sheet_names import SheetName
from spowatch.wiring import now
from spowatch.wiring_projections import projection

_SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that a reader is still without, since it parked it."""

    parked: EventParked
    since: datetime

    @property
    def stream(self) -> UUID:
        return self.parked.stream_id

    def as_dict(self) -> dict[str, Any]:
        parked = self.parked
        return {
            "stream": str(parked.stream_id),
            "version": parked.version,
            "topic": parked.topic,
            "reader": parked.reader,
            "fault": parked.fault,
            "since": self.since.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Redriven:
    """What came of asking one reader to handle one event; `fault` is why it still cannot be read."""

    waiting: Waiting
    order: str | None
    fault: str | None

    def as_dict(self) -> dict[str, Any]:
        return self.waiting.as_dict() | {"order": self.order, "still_unreadable": self.fault}


def waiting(store: Store) -> list[Waiting]:
    """Everything that is parked and not yet handled, in the order it was parked."""
    return [found for found, _ in _parked(store.register, store)]


def redriven(store: Store, actor: str, *, only: UUID | None = None) -> list[Redriven]:
    """Hand each reader what it is without, where that can be read now; of stream `only` if given."""
    asked = [
        (found, identity)
        for found, identity in _parked(store.register, store)
        if only in {None, found.stream}
    ]
    return [_asked(store, found, identity, actor) for found, identity in asked]


def _parked(register: OrderRegister, store: Store) -> Iterator[tuple[Waiting, UUID]]:
    for identity in dict.fromkeys(map(stream_of, pages(store, [EventParked.TOPIC]))):
        record = register.read(ParkedEvent(identity))
        if record.waits and record.parked is not None and record.parked_at is not None:
            yield Waiting(record.parked, record.parked_at), identity


def _asked(store: Store, found: Waiting, identity: UUID, actor: str) -> Redriven:
    try:
        events = stream(store, found.stream)
        handled = _by_a_sheet(store, found)
    except POISON as fault:
        return Redriven(found, None, type(fault).__name__)
    named = [each.event.reference for each in events if isinstance(each.event, OrderOpened)]
    order = next(iter(named), None)
    if not handled:
        return Redriven(found, order, found.parked.fault)
    store.register.keep([redrive(store.register, identity, actor, now())])
    return Redriven(found, order, None)


def _by_a_sheet(store: Store, found: Waiting) -> bool:
    """Whether the sheet that was without it has it now; true where its reader was no sheet.

    The other readers find in the log that they are to handle it.
    """
    if found.parked.reader in tuple(SheetName):
        with projection(SheetName(found.parked.reader), store, now) as (runner, _):
            return runner.redrive(found.stream)
    if found.parked.reader == _SWEEP:
        with suppress(NoSheet), sheet_of(store) as sheet:
            sheet.put(agendas(store.register, [found.stream], now()), 0)
    return True
