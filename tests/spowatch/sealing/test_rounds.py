"""The rounds: a change to what was sealed long ago is told without anybody asking, and nothing else is."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from spowatch.metrics.of_roles import SealMeters
from spowatch.sealing.rounds import REST, Difference, Rounds
from spowatch.sealing.sealer import SealRefused
from spowatch.sealing.watched import WatchedSealer
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.wiring.store import now
from tests.faults.tampering import tampered
from tests.spowatch.sealing.sealed_logs import SealedLog
from tests.store.postgres.places import Place


class Walk:
    """Whole rounds over a log, by a clock we move."""

    def __init__(self, sealed: SealedLog) -> None:
        self._at = 0.0
        self.rounds = Rounds(sealed.log, sealed.kept, sealed.key.public, lambda: self._at)

    def __call__(self) -> None:
        """Raises `Difference`."""
        self._at += REST
        while not self.rounds.look():
            pass


def test_a_log_that_nobody_touched_is_found_as_it_was_round_after_round(sealed: SealedLog) -> None:
    walk = Walk(sealed)
    walk()
    sealed.grow(3, 1, 40)
    sealed.add(2, seed=2)
    for _ in range(2):
        walk()


def test_every_change_is_found_at_its_place_but_a_cut_that_took_its_checkpoints_along(
    sealed: SealedLog,
) -> None:
    sealed.grow(7, 1, 16, 9)
    walk, whole, rng = Walk(sealed), sealed.table.rows(), random.Random(11)
    for _ in range(7):
        edit = tampered(sealed.table, rng)
        with pytest.raises(Difference) as found:
            walk()
        assert found.value.position == edit.first, edit
        sealed.table.replace(whole)
        walk()


def test_more_than_a_thousand_events_are_looked_at_a_thousand_at_a_time(
    on_sqlite: SealedLog,
) -> None:
    on_sqlite.add(1500, seed=1)
    sealer = on_sqlite.sealer()
    sealer.work(0)
    sealer._due_at = 0.0
    sealer.work(0)
    rounds = Walk(on_sqlite).rounds
    assert [rounds.look() for _ in range(4)] == [False, False, True, False]


@pytest.mark.parametrize(
    "change", ["DELETE FROM checkpoints WHERE size = 5", "UPDATE checkpoints SET note = 'x'"]
)
def test_checkpoints_that_were_changed_do_not_pass_for_ours(
    on_sqlite: SealedLog, change: str
) -> None:
    on_sqlite.grow(5, 6)
    with on_sqlite.kept._connections.writing() as connection:  # type: ignore[attr-defined]  # the one in a file
        connection.execute(change)
    with pytest.raises(Difference):
        Walk(on_sqlite)()


def told_by(sealed: SealedLog) -> tuple[WatchedSealer, Callable[[str], float | None]]:
    registry = CollectorRegistry()
    rounds = Rounds(sealed.log, sealed.kept, sealed.key.public, lambda: 0.0)
    working = WatchedSealer(sealed.sealer(), rounds, SealMeters(registry), now)
    return working, registry.get_sample_value


def test_whoever_looks_at_the_metrics_sees_a_changed_log_and_sealing_goes_on(
    on_sqlite: SealedLog,
) -> None:
    on_sqlite.grow(5, 6)
    rows = on_sqlite.table.rows()
    on_sqlite.table.replace([rows[0], rows[2], *rows[3:]])
    on_sqlite.add(2, seed=9)
    working, told = told_by(on_sqlite)
    assert working.work(0) == 2
    assert told("spo_seal_log_differs") == 1
    assert told("spo_seal_round_last_timestamp_seconds") == 0


def test_a_row_that_the_disk_damaged_is_told_with_its_place_and_sealing_goes_on(
    on_sqlite: SealedLog, tmp_path: Path
) -> None:
    on_sqlite.grow(2)
    long = random.Random(3).randbytes(20_000)
    on_sqlite.log.insert_events([StoredEvent(uuid4(), 1, "spo.long.v1", long)])
    on_sqlite.grow(1, seed=5)
    on_sqlite.add(2, seed=9)
    damage(tmp_path / "log.db", long[10_000:10_100])
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        working, told = told_by(replace(on_sqlite, log=log))
        with capture_logs() as said:
            assert [working.work(0), working.work(0)] == [2, 0]
    assert told("spo_seal_log_differs") == 1
    assert [each["position"] for each in said] == [3]


def damage(file: Path, at: bytes) -> None:
    """The page that holds these bytes loses sight of the next one of its row."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as written:
        written.seek(file.read_bytes().index(at) // size * size)
        written.write(b"\xff" * 4)


def test_a_store_that_is_away_is_no_log_that_differs(
    on_postgres: SealedLog, sealed_place: Place
) -> None:
    on_postgres.grow(2)
    with psycopg.connect(sealed_place.administrator, autocommit=True) as administrator:
        administrator.execute("ALTER TABLE spowatch.events RENAME TO away")
        with pytest.raises(StoreUnavailable):
            Walk(on_postgres)()
        administrator.execute("ALTER TABLE spowatch.away RENAME TO events")


def test_whoever_looks_at_the_metrics_sees_a_witness_that_disagrees(on_sqlite: SealedLog) -> None:
    on_sqlite.grow(5, 5)
    with on_sqlite.kept._connections.writing() as connection:  # type: ignore[attr-defined]  # the one in a file
        connection.execute("DELETE FROM checkpoints WHERE size = 10")
    on_sqlite.table.replace(on_sqlite.table.rows()[:5])
    on_sqlite.add(3, seed=9)
    working, told = told_by(on_sqlite)
    assert told("spo_seal_refused") == 0
    with pytest.raises(SealRefused):
        working.work(0)
    assert told("spo_seal_refused") == 1
