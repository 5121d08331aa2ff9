"""A sheet that needs no law: one row a stream, with what of it can be counted."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

from domain.published import OrderEvent
from projections.runner import LogReader, Runner
from projections.sheet import Column, Kind, Row, Table
from projections.store import SheetStore
from spowatch.store.log_sqlite import SqliteLog

OPENED, TOLD, MARKED = "test.opened.v1", "test.told.v1", "test.marked.v1"
POISON = b"poison"
DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, 0, 0, 5, tzinfo=UTC)


def table(name: str = "tally", version: int = 1, rules: str = "") -> Table:
    columns = (
        Column("stream", Kind.ID),
        Column("opened", Kind.NUMBER, once=True),
        Column("version", Kind.NUMBER),
        Column("said", Kind.TEXT),
        Column("told_at", Kind.INSTANT),
        Column("told_on", Kind.DAY),
    )
    return Table(name, version, columns, sorted_by="opened", rules=rules)


def row(
    stream: UUID,
    opened: int | None = 1,
    version: int = 1,
    said: str | None = "",
    at: datetime | None = None,
) -> Row:
    return stream, opened, version, said, at, None if at is None else at.date()


@dataclass(slots=True)
class _Told:
    stream: UUID
    opened: int | None
    version: int = 0
    said: str = ""


class TallySheet:
    """Streams that begin with `OPENED`. What is poison to it a mended one takes for a word."""

    def __init__(self, of: Table | None = None, *, mended: bool = False) -> None:
        self.table = of or table()
        self._mended = mended

    def concerns(self, topic: str) -> bool:
        return topic != MARKED

    def begin(self, stream: UUID, first: StoredEvent, position: int | None) -> _Told | None:
        return _Told(stream, position) if first.topic == OPENED else None

    def apply(self, state: _Told, stored: StoredEvent) -> None:
        state.said += stored.state.decode()[:3]  # half done when it fails
        if stored.state == POISON and not self._mended:
            msg = "nobody can read this"
            raise ValueError(msg)
        state.version = stored.originator_version

    def row(self, state: _Told) -> Row:
        return row(state.stream, state.opened, state.version, state.said, NOON)


class InSteps:
    """A reader that reads so many at a time, whatever it is asked for."""

    def __init__(self, reader: LogReader, sizes: Sequence[int]) -> None:
        self._reader = reader
        self._sizes = list(sizes)

    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Notification]:
        size = self._sizes.pop(0) if self._sizes else limit
        return self._reader.read(after, limit=min(size, limit), wait=wait)


Past = Callable[[Sequence[UUID]], Any]


def runner(
    store: SheetStore,
    reader: LogReader,
    log: SqliteLog,
    *,
    sheet: TallySheet | None = None,
    said: list[OrderEvent] | None = None,
    room: int = 1000,
) -> Runner[_Told]:
    heard = [] if said is None else said
    made = sheet or TallySheet(store.table)
    streams = log.select_streams
    return Runner(made, store, reader, streams, lambda event, _: heard.append(event), room=room)


def expected(events: Iterable[Notification]) -> tuple[set[Row], set[tuple[UUID, int]]]:
    """The rows and what is parked, worked out one event after another."""
    sheet = TallySheet()
    told: dict[UUID, _Told] = {}
    rows: dict[UUID, Row] = {}
    parked: set[tuple[UUID, int]] = set()
    stopped: set[UUID] = set()
    for event in events:
        stream = event.originator_id
        assert isinstance(stream, UUID)
        if event.topic == OPENED:
            told[stream] = _Told(stream, event.id)
        if stream not in told or event.topic == MARKED:
            continue
        if stream not in stopped:
            with suppress(ValueError):
                sheet.apply(told[stream], event)
                rows[stream] = sheet.row(told[stream])
                continue
            stopped.add(stream)
        parked.add((stream, event.originator_version))
    return set(rows.values()), parked
