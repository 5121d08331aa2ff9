"""What reviewers of access look at: glass that was broken, and who read which record, from the log."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import structlog

from domain.batches import POISON
from domain.case_access import OF_CASE_ACCESS, CaseAccess, Glass, GlassReviewed
from domain.consultations import RecordConsulted
from domain.disclosures import ListConsulted, ListDisclosed
from domain.events import RecordedEvent, holds
from domain.looks import Look, look_of
from domain.orders import OrderOpened
from spowatch.log_pages import pages, stream, stream_of
from spowatch.open_store import Store

_log = structlog.get_logger()
KEPT = 100_000
"""Readings held in memory for reviewers; what is older stands in the log and in the API."""


_LOOKS = [each.TOPIC for each in (RecordConsulted, ListConsulted, ListDisclosed)]


class Owners:
    """Whose each order is: said when its record was opened, and never changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[UUID, str] = {}

    def of(self, order: UUID) -> str:
        """The force; nothing for an order that was never opened, or whose opening cannot be read."""
        if order not in self._known:
            try:
                first = next(self._store.register.events_of(order, lte=1), None)
            except POISON:
                return ""
            if first is None or not isinstance(first.event, OrderOpened):
                return ""
            self._known[order] = first.event.force
        return self._known[order]


class Looks:
    """Who read what, the newest last, read on from where it was left. Safe to share between threads."""

    def __init__(self, store: Store, owners: Owners) -> None:
        self._store = store
        self._owners = owners
        self._lock = threading.Lock()
        self._held: deque[Look] = deque(maxlen=KEPT)
        self._position = 0

    def every(self) -> Sequence[Look]:
        with self._lock:
            for position, recorded in _readable(self._store, _LOOKS, after=self._position):
                self._held += self._look(recorded)
                self._position = position
            return tuple(self._held)

    def _look(self, recorded: RecordedEvent) -> Iterator[Look]:
        if holds(recorded, RecordConsulted):
            yield look_of(recorded, self._owners.of(recorded.event.order_id))
        elif holds(recorded, ListConsulted) or holds(recorded, ListDisclosed):
            yield look_of(recorded)


def readings(store: Store, *, after: int) -> Iterator[tuple[int, RecordedEvent[RecordConsulted]]]:
    """Who read whose record, and where that stands in the log."""
    for position, recorded in _readable(store, [RecordConsulted.TOPIC], after=after):
        if holds(recorded, RecordConsulted):
            yield position, recorded


def _readable(
    store: Store, topics: Sequence[str], *, after: int
) -> Iterator[tuple[int, RecordedEvent]]:
    """One that cannot be read keeps no other from anybody."""
    for found in pages(store, topics, after=after):
        try:
            recorded = store.mapper.to_domain_event(found)
        except POISON as fault:
            _log.warning("reading cannot be read", position=found.id, fault=type(fault).__name__)
            continue
        yield found.id, recorded


def glasses(store: Store) -> Sequence[dict[str, Any]]:
    """Every breaking of glass: what is to be judged first, then the newest."""
    streams = dict.fromkeys(stream_of(each) for each in pages(store, sorted(OF_CASE_ACCESS)))
    told = []
    for identity in streams:
        recorded = stream(store, identity)
        access = CaseAccess(identity)
        access.fold(recorded)
        told += [_glass(glass, access, recorded) for glass in access.glasses]
    return sorted(told, key=lambda each: (each["justified"] is not None, -each["at"].timestamp()))


def _glass(glass: Glass, access: CaseAccess, recorded: Sequence[RecordedEvent]) -> dict[str, Any]:
    judged = [each.event for each in recorded if isinstance(each.event, GlassReviewed)]
    verdict = next((each for each in judged if each.glass == glass.version), None)
    broken, pending = glass.broken, access.unreviewed.get(glass.version)
    return {
        "version": glass.version,
        "reference": broken.reference,
        "owner": broken.owner,
        "staff": broken.staff,
        "force": broken.force,
        "reason": broken.reason,
        "at": recorded[glass.version - 1].envelope.recorded_at,
        "open_until": broken.open_until,
        "review_by": broken.review_by,
        "justified": None if verdict is None else verdict.justified,
        "late": pending is not None and pending.overdue,
    }
