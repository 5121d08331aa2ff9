"""Reads of the log what may leave it: places, times and causes. No personal word is opened."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from pydantic_core import from_json

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.published import OrderEvent, Outgoing
from domain.unread import MessageUnread
from spowatch.store.held_raises import MAY_BE_HELD, SAY_IT, told_as

_NOTHING: Mapping[str, Any] = {}
_TOLD_WHOLE = frozenset({MessageUnread.TOPIC})


class _ReadsLog(Protocol):
    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        ...


class _Recorder(Protocol):
    def select_notifications(
        self, start: int | None, limit: int, stop: int | None = None
    ) -> Sequence[Notification]: ...

    def select_streams(
        self, originator_ids: Collection[UUID | str], topics: Collection[str]
    ) -> Mapping[UUID | str, Sequence[StoredEvent]]:
        """What each stream holds of these topics."""
        ...

    def select_events(
        self, originator_id: UUID | str, *, limit: int | None = None
    ) -> Sequence[StoredEvent]: ...


class OutgoingReader:
    """An event whose bytes cannot be read still goes out by its place: its reader must know of it."""

    def __init__(self, reader: _ReadsLog, recorder: _Recorder) -> None:
        self._reader = reader
        self._recorder = recorder

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Outgoing]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        return list(self._all(self._reader.read(after, limit=limit, wait=wait)))

    def between(self, first: int, last: int) -> Sequence[Outgoing]:
        """The events at the positions from `first` to `last`, both included, oldest first."""
        return list(
            self._all(self._recorder.select_notifications(first, last - first + 1, stop=last))
        )

    def _all(self, found: Sequence[Notification]) -> Iterator[Outgoing]:
        alerts = dict.fromkeys(each.originator_id for each in found if each.topic in MAY_BE_HELD)
        held = self._recorder.select_streams(list(alerts), SAY_IT) if alerts else {}
        for each in found:
            stream: UUID = each.originator_id  # type: ignore[assignment]  # never text here
            event = OrderEvent(each.id, each.topic, stream, each.originator_version)
            told = told_as(event, held.get(stream, ()))
            if told is None:
                yield Outgoing(event, None)
            else:
                stored = each.state if told == event else self._first_of(stream)
                yield self._outgoing(told, _state(stored))

    def _outgoing(self, event: OrderEvent, state: Mapping[str, Any]) -> Outgoing:
        meta = state.get("meta", _NOTHING)
        return Outgoing(
            event,
            None if _of_a_person(event, meta) else self._order_of(event, state),
            _instant(meta.get("recorded_at")),
            _instant(meta.get("occurred_at")),
            _identity(meta.get("correlation_id")),
            _identity(meta.get("causation_id")),
            state.get("event", _NOTHING) if event.topic in _TOLD_WHOLE else _NOTHING,
        )

    def _order_of(self, event: OrderEvent, state: Mapping[str, Any]) -> UUID:
        """The order an event is about; of an alert, the order it was raised on."""
        if event.topic == AlertWithdrawn.TOPIC:
            state = _state(self._first_of(event.stream_id))
        elif event.topic != AlertRaised.TOPIC:
            return event.stream_id
        told = state.get("event", _NOTHING).get("order_id")
        return _identity(told) or event.stream_id

    def _first_of(self, stream: UUID) -> bytes:
        """What is stored first on that stream; of an alert, its raise."""
        return next((each.state for each in self._recorder.select_events(stream, limit=1)), b"")


def _of_a_person(event: OrderEvent, meta: Mapping[str, Any]) -> bool:
    return _identity(meta.get("subject_id")) == event.stream_id


def _state(stored: bytes) -> Mapping[str, Any]:
    try:
        state = from_json(stored)
    except ValueError:
        return _NOTHING
    return state if isinstance(state, dict) else _NOTHING


def _instant(told: Any) -> datetime | None:
    return datetime.fromisoformat(told) if isinstance(told, str) else None


def _identity(told: Any) -> UUID | None:
    return UUID(told) if isinstance(told, str) else None
