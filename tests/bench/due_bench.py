"""S3: ten thousand of a million deadlines fall due at once, beside the same rows changed by hand.

What is compared: the sheet's part with the findings written beforehand, the whole sweep through the
aggregates, and APScheduler's own job store, each against one indexed UPDATE.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.deadlines import Agenda
from domain.findings import NotificationMissed
from projections.deadline_sheet import DeadlineSheet
from projections.deadline_sheet_sqlite import SqliteDeadlineSheet
from scheduler.sweeps import next_batch
from spowatch.garbage import collect_garbage_rarely
from spowatch.open_store import Store
from spowatch.store.log_sqlite import SqliteLog
from spowatch.wiring.store import migrate, opened, sweep, throw_away
from tests.bench.due_orders import enter_orders, fill_sheet, put_far_off
from tests.bench.log_bench import Figure, seconds
from tests.bench.registers import NOW
from tests.bench.summer_time import ONE_DAY, midnight
from tests.bench.timer_library import handed_out

PENDING, DUE, ROUNDS = 1_000_000, 10_000, 3
_JOBS = 100_000
MIDNIGHT = midnight(NOW.date())
_BEFORE = MIDNIGHT - timedelta(hours=1)
_FAR = 10_000 * ONE_DAY
_RAW = """
PRAGMA journal_mode=WAL;
CREATE TABLE deadline (
    id INTEGER PRIMARY KEY, order_id BLOB, kind TEXT, due_at INTEGER, state INTEGER, claimed REAL
);
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})
INSERT INTO deadline SELECT i, randomblob(16), 'order_end', iif(i % {every}, i, 0), 0, NULL FROM n;
CREATE INDEX deadline_due ON deadline (due_at) WHERE state = 0;
"""
_CHANGE = "UPDATE deadline SET state = 1, claimed = ? WHERE state = 0 AND due_at <= 0"


def figures(pending: int = PENDING, due: int = DUE, rounds: int = ROUNDS) -> Iterator[Figure]:
    collect_garbage_rarely()
    ours = f"S3 {due:,} of {pending:,}"
    with TemporaryDirectory(prefix="due-") as folder, made(Path(folder), pending, due) as bench:
        bench.swept()  # nothing is compiled or read for the first time while it counts
        claims = [(bench.claimed(), bench.changed()) for _ in range(rounds)]
        sweeps = [(bench.swept(), bench.changed()) for _ in range(rounds)]
        library = handed_out(Path(folder) / "jobs.db", _JOBS, due)[-1] * 1e3
    yield _against(f"{ours}: claim, finding, rearm", claims, "<= 2.2")
    yield _against(f"{ours}: through aggregates", sweeps, "<= 6")
    base = median(raw for _, raw in claims + sweeps)
    name = f"S3 {due:,} of {_JOBS:,}: APScheduler"
    yield Figure(name, "ms; UPDATE", library, base, library / base, "", [library])


def _against(name: str, times: list[tuple[float, float]], goal: str) -> Figure:
    ratios = [took / raw for took, raw in times]
    value, base = (median(each) for each in zip(*times, strict=True))
    samples = [took for pair in times for took in pair]
    return Figure(name, "ms; UPDATE", value, base, median(ratios), goal, samples)


@dataclass(frozen=True, slots=True)
class DueBench:
    """A store whose sheet holds them all, copied anew for every round, and the raw table."""

    master: Path
    raw: sqlite3.Connection
    prepared: dict[UUID, StoredEvent]

    def changed(self) -> float:
        took = seconds(lambda: self.raw.execute(_CHANGE, (monotonic(),)))
        self.raw.execute("UPDATE deadline SET state = 0 WHERE state = 1")
        self.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return took * 1e3

    def claimed(self) -> float:
        with self._copied() as store, closing(_sheet(store)) as sheet:
            return seconds(lambda: _claim_all(sheet, _file(store), self.prepared)) * 1e3

    def swept(self) -> float:
        with self._copied() as store, closing(_sheet(store)) as sheet:
            raising = sweep(store, sheet, lambda: MIDNIGHT)
            took = seconds(raising.raise_due) * 1e3
            self.prepared.update(_findings(_file(store)))
            return took

    @contextmanager
    def _copied(self) -> Iterator[Store]:
        copy = self.master.with_name("copy")
        shutil.copytree(self.master, copy)
        os.sync()  # or the first commits would wait for what was copied
        with opened(throw_away(copy)) as store:
            yield store
        shutil.rmtree(copy)


@contextmanager
def made(folder: Path, pending: int, due: int) -> Iterator[DueBench]:
    settings = throw_away(folder / "master")
    migrate(settings)
    with opened(settings) as store:
        enter_orders(store, MIDNIGHT, due)
        with closing(fill_sheet(store, _BEFORE)) as sheet:
            put_far_off(sheet, pending - due, MIDNIGHT + _FAR)
    with closing(sqlite3.connect(folder / "raw.db", isolation_level=None)) as raw:
        raw.executescript(_RAW.format(rows=pending, every=pending // due))
        raw.execute("PRAGMA synchronous=NORMAL")  # as the sheet
        yield DueBench(settings.data_dir, raw, {})


def _sheet(store: Store) -> DeadlineSheet:
    return SqliteDeadlineSheet(store.settings.sheets_path)


def _findings(log: SqliteLog) -> dict[UUID, StoredEvent]:
    found = log.select_notifications(0, DUE, topics=[NotificationMissed.TOPIC])
    return {
        UUID(str(e.originator_id)): StoredEvent(
            e.originator_id, e.originator_version, e.topic, e.state
        )
        for e in found
    }


def _claim_all(
    sheet: DeadlineSheet, log: SqliteLog, prepared: dict[UUID, StoredEvent]
) -> Sequence[UUID]:
    """As the sweep does it, in its batches, with what the orders would have concluded."""
    done: list[UUID] = []
    while due := sheet.claim(MIDNIGHT, limit=next_batch(len(done))):
        log.insert_events([prepared[each.order_id] for each in due])
        nothing = {each.order_id: Agenda(each.version + 1, 1, []) for each in due}
        sheet.rearm(nothing, MIDNIGHT)
        done += nothing
    return done


def _file(store: Store) -> SqliteLog:
    """The figures are of the store in a file."""
    assert isinstance(store.log, SqliteLog)
    return store.log
