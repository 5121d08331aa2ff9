"""P1, P2: a sheet that catches up, and one made anew, beside a raw COPY of the same events.

What is measured is the runner with a row an order and no law in it, as the baselines have none;
the order register, which asks the aggregate, is measured beside it on orders with a life behind them.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from pydantic_core import from_json

from domain.orders import OrderOpened, StalkingProtectionOrder
from domain.published import OrderEvent
from domain.standing import standing
from projections.runner import Runner
from projections.sheet import Column, Kind, Row, Table
from projections.store import SheetStore
from spowatch.garbage import collect_garbage_rarely
from spowatch.sheet_names import SheetName
from spowatch.store.log_postgres import PostgresLog
from spowatch.store.log_reader_postgres import PostgresLogReader
from spowatch.wiring.projections import projection
from tests.bench import postgres_logs
from tests.bench.library_projection import library_events_a_second
from tests.bench.log_bench import Figure, seconds
from tests.bench.postgres_logs import RAW_COPY
from tests.bench.registers import NOW, open_orders
from tests.projections.runners.places import emptied, in_database
from tests.store.postgres.places import Place

EVENTS, STREAM_LENGTH, ROUNDS = 150_000, 15, 3
LIVES = 1_000
_TOGETHER = 500
"""Orders whose lives run side by side."""
_PAGE = 10_000
_META = {"occurred_at": "2026-11-22T12:00:00Z", "recorded_at": "2026-11-22T12:10:00Z"}
_TOLD = {"condition": "P-CONTACT-DIRECT", "force": "Kent", "narrative": "x" * 300}


@dataclass(slots=True)
class _Order:
    stream: UUID
    opened: int | None
    version: int = 0
    topic: str = ""
    force: str = ""
    recorded_at: str = ""


class PlainSheet:
    """What of an order can be told without asking what it means; every event is decoded."""

    table = Table(
        "plain_register",
        1,
        (
            Column("order_id", Kind.ID),
            Column("opened", Kind.NUMBER, once=True),
            Column("version", Kind.NUMBER),
            Column("topic", Kind.TEXT),
            Column("force", Kind.TEXT),
            Column("recorded_at", Kind.TEXT),
        ),
        sorted_by="opened",
        rules="",
    )

    def concerns(self, topic: str) -> bool:
        return bool(topic)

    def begin(self, stream: UUID, first: StoredEvent, position: int | None) -> _Order:
        return _Order(stream, position, topic=first.topic)

    def apply(self, state: _Order, stored: StoredEvent) -> None:
        told = from_json(stored.state)
        state.version, state.topic = stored.originator_version, stored.topic
        state.force, state.recorded_at = told["event"]["force"], told["meta"]["recorded_at"]

    def row(self, state: _Order) -> Row:
        one = state
        return one.stream, one.opened, one.version, one.topic, one.force, one.recorded_at


def figures(events: int = EVENTS, rounds: int = ROUNDS, lives: int = LIVES) -> Iterator[Figure]:
    collect_garbage_rarely()
    library = library_events_a_second()
    with postgres_logs.measured_place() as place:
        raw = _fill(place, events)
        taken = [_round(place, raw) for _ in range(rounds)]
    times = {name: [each[name] for each in taken] for name in taken[0]}
    yield _figure("P1 catch-up", times["catch_up"], times["copy"], "<= 3.0")
    yield _figure("P1 catch-up, events read by hand", times["catch_up"], times["select"], "")
    rate = events / median(times["catch_up"])
    faster = rate / library
    yield Figure("P1 library's own runner", "events/s", rate, library, faster, ">= 40", [rate])
    yield _figure("P2 rebuild", times["rebuild"], times["copy"], "<= 1.5")
    yield from _register_figures(lives)


def _figure(name: str, ours: Sequence[float], base: Sequence[float], goal: str) -> Figure:
    ratios = [one / other for one, other in zip(ours, base, strict=True)]
    return Figure(name, "s", median(ours), median(base), median(ratios), goal, ours)


def _fill(place: Place, count: int) -> list[tuple[str, int, str, bytes]]:
    """The log filled, and the rows that a bare COPY of the same events takes."""
    orders = count // STREAM_LENGTH
    streams = [uuid4() for _ in range(orders)]
    stored = [
        StoredEvent(stream, version, "spo.bench.v1", _state(stream, version))
        for first in range(0, orders, _TOGETHER)
        for version in range(1, STREAM_LENGTH + 1)
        for stream in streams[first : first + _TOGETHER]
    ]
    with closing(place.open()) as log:
        for first in range(0, len(stored), _PAGE // 2):
            log.insert_events(stored[first : first + _PAGE // 2])
    return [(str(e.originator_id), e.originator_version, e.topic, e.state) for e in stored]


def _state(stream: UUID, version: int) -> bytes:
    return json.dumps({"meta": _META, "event": _TOLD | {"n": version, "id": str(stream)}}).encode()


def _round(place: Place, raw: Sequence[tuple[str, int, str, bytes]]) -> dict[str, float]:
    emptied(place.administrator)
    with in_database(place.writer) as opened, closing(place.open()) as log:
        store = opened(PlainSheet.table)
        _begin_empty(store)
        head = len(raw)
        return {
            "copy": _copied(place, raw),
            "select": _selected(place),
            "catch_up": seconds(lambda: _runner(store, log).catch_up(head)),
            "rebuild": seconds(_runner(store, log).rebuild),
        }


def _begin_empty(store: SheetStore) -> None:
    """A form that people read and nothing is in yet, so that it catches up batch by batch."""
    store.switch(store.put(store.begin(), 0, [], []), None)


def _runner(store: SheetStore, log: PostgresLog) -> Runner[_Order]:
    def said(event: OrderEvent, fault: Exception) -> None:
        raise AssertionError(event) from fault

    return Runner(PlainSheet(), store, PostgresLogReader(log), log.select_streams, said)


def _copied(place: Place, raw: Sequence[tuple[str, int, str, bytes]]) -> float:
    with psycopg.connect(place.administrator, autocommit=True) as connection:
        connection.execute("TRUNCATE public.raw RESTART IDENTITY")
    with psycopg.connect(place.writer) as connection, connection.cursor() as cursor:

        def copy() -> None:
            with cursor.copy(RAW_COPY) as rows:
                rows.set_types(["text", "int4", "text", "bytea"])
                for each in raw:
                    rows.write_row(each)
            connection.commit()

        return seconds(copy)


def _selected(place: Place) -> float:
    sql = "SELECT * FROM spowatch.events WHERE position > %b ORDER BY position LIMIT %b"
    with psycopg.connect(place.writer, autocommit=True) as connection:
        cursor = connection.cursor(binary=True)

        def select() -> None:
            after = 0
            while rows := cursor.execute(sql, [after, _PAGE]).fetchall():
                after = rows[-1][0]

        return seconds(select)


def _register_figures(lives: int) -> Iterator[Figure]:
    """The order register itself, and where its time goes."""
    with postgres_logs.new_store() as (store, place):
        open_orders(store.register, lives)
        head = store.log.max_notification_id() or 0
        events = store.log.select_notifications(1, head)
        raw = [(str(e.originator_id), e.originator_version, e.topic, e.state) for e in events]
        copy = _copied(place, raw)
        with projection(SheetName.ORDER_REGISTER, store, lambda: NOW) as (runner, kept):
            _begin_empty(kept)
            caught_up = seconds(lambda: runner.catch_up(head))
            rebuilt = seconds(runner.rebuild)
        parts = _parts(store, events)
    note = ", ".join(f"{name} {part:.2f}" for name, part in parts.items())
    for name, took in (("catch-up", caught_up), ("rebuild", rebuilt)):
        label = f"order register {name}, {head:,} events"
        yield Figure(label, "s", took, copy, took / copy, f"({note})", [took])


def _parts(store: Any, events: Sequence[Any]) -> dict[str, float]:
    """Seconds to read, to decode, to fold and to judge the same events, one after another."""
    told: dict[UUID, list[Any]] = {}
    opened = {e.originator_id for e in events if e.topic == OrderOpened.TOPIC}
    of_orders = [event for event in events if event.originator_id in opened]
    orders = {each: StalkingProtectionOrder(each) for each in opened}

    def decode() -> None:
        for event in of_orders:
            told.setdefault(event.originator_id, []).append(store.mapper.to_domain_event(event))

    def fold() -> None:
        for each, some in told.items():
            orders[each].fold(some)

    return {
        "read": seconds(lambda: store.log.select_notifications(1, len(events))),
        "decode": seconds(decode),
        "fold": seconds(fold),
        "judge": seconds(lambda: [standing(order, NOW) for order in orders.values()]),
    }
