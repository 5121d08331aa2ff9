"""What readers went on without, and how each is told to handle it once the cause is mended."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.batches import POISON, agendas
from domain.events import RecordedEvent
from domain.orders import OrderOpened
from domain.parked import EventParked, ParkedEvent, discard, redrive
from domain.register import OrderRegister
from spowatch.log_pages import pages, stream, stream_of
from spowatch.open_store import Store
from spowatch.pending import NoSheet, sheet_of
from spowatch.sheet_names import SheetName
from spowatch.wiring.projections import projection
from spowatch.wiring.store import now

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


def discarded(store: Store, only: UUID, reason: str, actor: str) -> list[Waiting]:
    """Put on record that the readers do without what is parked of that stream; what that was."""
    asked = [each for each in _parked(store.register, store) if each[0].stream == only]
    for _, identity in asked:
        store.register.keep([discard(store.register, identity, reason, actor, now())])
    return [found for found, _ in asked]


def shown(store: Store, only: UUID) -> list[dict[str, Any]]:
    """What is parked of that stream, of which order it is, and whether it can be read by now."""
    return [
        found.as_dict() | _state(store, found)
        for found, _ in _parked(store.register, store)
        if found.stream == only
    ]


def _state(store: Store, found: Waiting) -> dict[str, Any]:
    try:
        events = stream(store, found.stream)
    except POISON as fault:
        return {"order": None, "still_unreadable": type(fault).__name__}
    return {"order": _order_in(events), "still_unreadable": None}


def _order_in(events: list[RecordedEvent]) -> str | None:
    named = [each.event.reference for each in events if isinstance(each.event, OrderOpened)]
    return next(iter(named), None)


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
    order = _order_in(events)
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
