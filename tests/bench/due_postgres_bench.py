"""S3 on PostgreSQL: ten thousand of a million deadlines fall due at once, beside one indexed UPDATE.

Every round is on a fresh copy of the same database, which holds the raw table too; the server has
written its pages back before each measurement. Beside it the least that does the whole of it by hand: that
UPDATE, one COPY of the same findings into a bare table, one DELETE. Nothing is claimed from anybody, no version
is checked, no batch is ever on its own: what ours takes longer than this is ours.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from pydantic import SecretStr

from deploy.postgres.server import Cluster, running
from domain.deadlines import Agenda
from domain.findings import NotificationMissed
from projections.deadline_sheet import DeadlineSheet
from scheduler.sweeps import next_batch
from spowatch.garbage import collect_garbage_rarely
from spowatch.open_store import Store
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.wiring.sheets import opened_sheet
from spowatch.wiring.store import migrate, opened, sweep
from tests.bench.due_bench import DUE, MIDNIGHT, PENDING, ROUNDS
from tests.bench.due_orders import enter_orders
from tests.bench.log_bench import Figure, seconds

_RAW = """
CREATE TABLE public.deadline (
    id bigint PRIMARY KEY, order_id uuid, kind text, due_at bigint, state smallint, claimed double precision
);
INSERT INTO public.deadline
SELECT i, gen_random_uuid(), 'order_end', CASE WHEN i % {every} = 0 THEN 0 ELSE i END, 0, NULL
FROM generate_series(0, {rows} - 1) AS i;
CREATE INDEX deadline_due ON public.deadline (due_at) WHERE state = 0;
"""
_FINDINGS = """
CREATE TABLE public.finding (
    position bigserial PRIMARY KEY, originator_id uuid, originator_version bigint, topic text, state bytea,
    UNIQUE (originator_id, originator_version)
)
"""
_COPY = "COPY public.finding (originator_id, originator_version, topic, state) FROM STDIN"
_DONE = "DELETE FROM public.deadline WHERE state = 1"
_CHANGE = "UPDATE public.deadline SET state = 1, claimed = 1 WHERE state = 0 AND due_at <= 0"
_FAR_OFF = """
INSERT INTO sheets.agenda (order_id, version)
SELECT md5(i::text)::uuid, 7 FROM generate_series(1, {rows}) AS i;
INSERT INTO sheets.deadline
SELECT md5(i::text)::uuid, '{after}'::timestamptz + (i * 2654435761 % 3650 + 1) * interval '1 day',
    'order_end', 'full-2026-01-01', 'SPA 2019 s.3', 1
FROM generate_series(1, {rows}) AS i;
"""


def figures(pending: int = PENDING, due: int = DUE, rounds: int = ROUNDS) -> Iterator[Figure]:
    collect_garbage_rarely()
    with TemporaryDirectory(prefix="due-") as folder, running(shared_buffers="256MB") as cluster:
        bench = DueBench(cluster, Path(folder))
        bench.make(pending, due)
        bench.measured(
            bench.swept
        )  # nothing is compiled or read for the first time while it counts
        claims = [bench.measured(bench.claimed) for _ in range(rounds)]
        sweeps = [bench.measured(bench.swept) for _ in range(rounds)]
    ours = f"S3 PG {due:,} of {pending:,}"
    yield _against(f"{ours}: claim, finding, rearm", claims, "<= 2.2")
    yield _against(f"{ours}: through aggregates", sweeps, "<= 6")
    by_hand = [_Round(each.by_hand, each.update, each.by_hand) for each in claims]
    yield _against(f"{ours}: claim, finding, done, by hand", by_hand, "")


class _Round(NamedTuple):
    """Milliseconds, on one copy of the database."""

    ours: float
    update: float
    by_hand: float


def _against(name: str, rounds: Sequence[_Round], goal: str) -> Figure:
    value, base = median(each.ours for each in rounds), median(each.update for each in rounds)
    ratio = median(each.ours / each.update for each in rounds)
    samples = [took for each in rounds for took in (each.ours, each.update)]
    return Figure(name, "ms; UPDATE", value, base, ratio, goal, samples)


@dataclass(frozen=True, slots=True)
class DueBench:
    """One server with the database that every round copies."""

    cluster: Cluster
    folder: Path
    prepared: dict[UUID, StoredEvent] = field(default_factory=dict)

    def make(self, pending: int, due: int) -> None:
        self._as_administrator("postgres", 'CREATE DATABASE "master"')
        settings = self._settings("master")
        migrate(settings)
        with opened(settings) as store, opened_sheet(settings) as sheet:
            enter_orders(store, MIDNIGHT, due)
            reading = sweep(store, sheet, lambda: MIDNIGHT - _HOUR)
            while reading.read(0):
                pass
        rows, after = pending - due, MIDNIGHT.isoformat()
        self._as_administrator("master", _FAR_OFF.format(rows=rows, after=after))
        self._as_administrator("master", _RAW.format(rows=pending, every=pending // due))
        self._as_administrator("master", _FINDINGS)
        self._as_administrator("master", "VACUUM ANALYZE")

    def measured(self, way: Callable[[Store, DeadlineSheet], float]) -> _Round:
        """Ours, the raw UPDATE, and what must follow it, on the same fresh copy."""
        copy = "CREATE DATABASE copy TEMPLATE master STRATEGY file_copy"
        self._as_administrator("postgres", copy)
        try:
            settings = self._settings("copy")
            with opened(settings) as store, opened_sheet(settings) as sheet:
                sheet.next_due()
                self._as_administrator("copy", "CHECKPOINT")
                ours = way(store, sheet)
            self._as_administrator("copy", "CHECKPOINT")
            with psycopg.connect(self.cluster.dsn(database="copy"), autocommit=True) as raw:
                update = seconds(lambda: raw.execute(_CHANGE)) * 1e3
                rest = seconds(lambda: self._finish_by_hand(raw)) * 1e3
        finally:
            self._as_administrator("postgres", "DROP DATABASE copy WITH (FORCE)")
        return _Round(ours, update, update + rest)

    def swept(self, store: Store, sheet: DeadlineSheet) -> float:
        raising = sweep(store, sheet, lambda: MIDNIGHT)
        took = seconds(raising.raise_due) * 1e3
        found = store.log.select_notifications(0, DUE, topics=[NotificationMissed.TOPIC])
        for each in found:
            stream, version = UUID(str(each.originator_id)), each.originator_version
            self.prepared[stream] = StoredEvent(stream, version, each.topic, each.state)
        return took

    def claimed(self, store: Store, sheet: DeadlineSheet) -> float:
        return seconds(lambda: self._claim_all(store, sheet)) * 1e3

    def _claim_all(self, store: Store, sheet: DeadlineSheet) -> None:
        """As the sweep does it, in its batches, with what the orders would have concluded."""
        told = 0
        while due := sheet.claim(MIDNIGHT, limit=next_batch(told)):
            store.log.insert_events([self.prepared[each.order_id] for each in due])
            nothing = {each.order_id: Agenda(each.version + 1, 1, []) for each in due}
            sheet.rearm(nothing, MIDNIGHT)
            told += len(due)

    def _finish_by_hand(self, raw: psycopg.Connection) -> None:
        with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            for each in self.prepared.values():
                found = each.originator_id, each.originator_version, each.topic, each.state
                copy.write_row(found)
        raw.execute(_DONE)

    def _settings(self, database: str) -> Settings:
        dsn = SecretStr(self.cluster.dsn(database=database))
        return Settings(data_dir=self.folder, log=PostgresLogSettings(kind="postgres", dsn=dsn))

    def _as_administrator(self, database: str, sql: str) -> None:
        with psycopg.connect(self.cluster.dsn(database=database), autocommit=True) as connection:
            connection.execute(sql.encode())


_HOUR = timedelta(hours=1)
