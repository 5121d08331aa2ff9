"""A log with its seal, on either store."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventsourcing.persistence import StoredEvent

from spowatch.sealing.seal_key import SealKey, seal_key
from spowatch.sealing.sealer import Sealer
from spowatch.sealing.verifying import Verified, lines_of, verified, witness_text
from spowatch.sealing.witness import WitnessFile
from spowatch.store.checkpoints import KeptCheckpoints
from spowatch.store.checkpoints_postgres import PostgresCheckpoints
from spowatch.store.checkpoints_sqlite import SqliteCheckpoints, migrate_checkpoints
from spowatch.store.log_schema import migrate_log
from spowatch.store.log_sqlite import SqliteLog
from spowatch.wiring.store import now
from tests.faults.tampered_tables import PostgresTable, SqliteTable
from tests.faults.tampering import Table, some_rows
from tests.store.postgres.places import Place


@dataclass
class SealedLog:
    log: Any
    kept: KeptCheckpoints
    key: SealKey
    witness: WitnessFile
    table: Table

    def grow(self, *counts: int, seed: int = 1) -> None:
        """So many events, sealed after each count."""
        for more, count in enumerate(counts):
            self.add(count, seed=seed * 100 + more)
            self.seal()

    def add(self, count: int, *, seed: int) -> None:
        rng = random.Random(seed)
        self.log.insert_events([StoredEvent(*row) for row in some_rows(count, rng)])

    def sealer(self, witness: WitnessFile | None = None) -> Sealer:
        """A new one, as after a death."""
        return Sealer(self.log, self.kept, self.key, witness or self.witness, now, 60)

    def seal(self) -> int:
        return self.sealer().work(0)

    def verify(self) -> Verified:
        keys = {self.key.public.name: self.key.public}
        return verified(self.log, lines_of(witness_text(self.witness.path), keys))


def sealed_log(log: Any, kept: KeptCheckpoints, folder: Path, table: Table) -> SealedLog:
    key = seal_key(folder / "seal.key")
    return SealedLog(log, kept, key, WitnessFile(folder / "witness"), table)


@contextmanager
def on_sqlite(folder: Path) -> Iterator[SealedLog]:
    migrate_log(folder / "log.db")
    migrate_checkpoints(folder / "seal.db")
    kept = SqliteCheckpoints(folder / "seal.db")
    with closing(SqliteLog(folder / "log.db")) as log, closing(kept):
        yield sealed_log(log, kept, folder, SqliteTable(folder / "log.db"))


@contextmanager
def on_postgres(place: Place, folder: Path) -> Iterator[SealedLog]:
    kept = PostgresCheckpoints(place.writer, environment={})
    with closing(place.open()) as log, closing(kept):
        yield sealed_log(log, kept, folder, PostgresTable(place.administrator))
