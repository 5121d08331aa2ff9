"""The open alerts of a force as they stand, kept up to the log."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from domain.alerts import AlertRaised, AlertWithdrawn, Priority
from domain.batches import POISON, halved, read_all
from domain.desk.case import AlertCase
from domain.desk.events import AlertResounded, DeskEvent
from domain.desk.suppressions import Decision, Suppressions, suppressions_stream
from domain.events import EVENT_TYPES
from domain.open_alerts import open_alerts
from spowatch.open_store import Store

_BATCH = 500
_OF_ALERTS = frozenset(
    topic for topic, kind in EVENT_TYPES.items() if issubclass(kind, DeskEvent)
) | {AlertRaised.TOPIC, AlertWithdrawn.TOPIC}
_SOUNDS = frozenset({AlertRaised.TOPIC, AlertResounded.TOPIC})


class Watch:
    """What one force must look at: its own alerts, and those another force offers it."""

    def __init__(self, store: Store, force: str) -> None:
        self._store = store
        self._force = force
        self._position = store.log.max_notification_id() or 0
        self._cases: dict[UUID, AlertCase] = {}
        self._held = Suppressions(suppressions_stream(force))
        self.unreadable: set[UUID] = set()
        self._put(open_alerts(store.register, self._aside))
        self._held_anew()

    def rows(self) -> list[AlertCase]:
        """The most urgent first, then the longest waiting."""
        return sorted(self._cases.values(), key=_urgency)

    def announced(self, now: datetime) -> list[Decision]:
        """The decisions that run now by which nobody is told of what this force must look at."""
        decided = self._held.decisions.values()
        running = [each for each in decided if each.announced and now < each.ends]
        return sorted(running, key=lambda each: each.ends)

    def catch_up(self) -> bool:
        """Take in what was recorded since; whether something must be heard."""
        heard = False
        while news := self._store.events.read(self._position, limit=_BATCH, wait=0):
            ours = [event for event in news if event.topic in _OF_ALERTS]
            loud = {event.stream_id for event in ours if event.topic in _SOUNDS}
            if any(event.stream_id == self._held.id for event in news):
                self._held_anew()
            heard |= self._read({event.stream_id: None for event in ours}, loud)
            self._position = news[-1].position
        return heard

    def read(self, alert: UUID) -> None:
        """Take in what was just done to that alert."""
        self._read([alert], set())

    def _held_anew(self) -> None:
        """What nobody can read holds nothing back, so there is nothing to say of it."""
        with suppress(*POISON):
            self._held = self._store.register.read(Suppressions(self._held.id))

    def _read(self, alerts: Iterable[UUID], loud: set[UUID]) -> bool:
        def read(some: Sequence[UUID]) -> dict[UUID, AlertCase]:
            return read_all(self._store.register, AlertCase, some)

        ids = list(alerts)
        cases = halved(ids, read, self._aside) if ids else {}
        self._put(cases.values())
        return any(_is_urgent(self._cases.get(each)) for each in loud)

    def _put(self, cases: Iterable[AlertCase]) -> None:
        for case in cases:
            offer = case.transfer.offer
            ours = case.is_for(self._force) or (offer and offer.to_force == self._force)
            if case.open and ours:
                self._cases[case.id] = case
            else:
                self._cases.pop(case.id, None)

    def _aside(self, alert: UUID, _: Exception) -> None:
        self.unreadable.add(alert)
        self._cases.pop(alert, None)


def _is_urgent(case: AlertCase | None) -> bool:
    return case is not None and case.priority <= Priority.PROMPT


def _urgency(case: AlertCase) -> tuple[int, float, str]:
    raised_at = 0.0 if case.raised is None else case.raised.raised_at.timestamp()
    return case.priority, raised_at, str(case.id)
