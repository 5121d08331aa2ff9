"""The seal, built from settings: where its checkpoints are kept, and the role that makes them.

PostgreSQL's driver takes 0.1 s to load, so it is loaded where there is a database.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from spowatch.sealing.rounds import Rounds
from spowatch.sealing.seal_key import SealKeyRefused, new_seal_key, seal_key
from spowatch.sealing.sealer import Sealer
from spowatch.sealing.watched import WatchedSealer
from spowatch.sealing.witness import WitnessFile
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import PostgresLogSettings, Settings, SqliteLogSettings
from spowatch.store.checkpoints import KeptCheckpoints, Sealed
from spowatch.store.checkpoints_sqlite import SqliteCheckpoints, migrate_checkpoints

if TYPE_CHECKING:
    from spowatch.open_store import Store


def migrate_the_seal(settings: Settings) -> None:
    """Create or upgrade where checkpoints are kept."""
    match settings.log:
        case SqliteLogSettings():
            migrate_checkpoints(settings.checkpoints_path)
        case PostgresLogSettings() as postgres:
            from spowatch.store.checkpoints_postgres import migrate_postgres_checkpoints

            migrate_postgres_checkpoints(postgres.dsn.get_secret_value(), environment=os.environ)


def seal_anew(settings: Settings) -> None:
    """Forget the checkpoints of the log that was here before, and begin a line under a new key."""
    match settings.log:
        case SqliteLogSettings():
            for suffix in ("", "-wal", "-shm"):
                Path(f"{settings.checkpoints_path}{suffix}").unlink(missing_ok=True)
            migrate_checkpoints(settings.checkpoints_path)
        case PostgresLogSettings() as postgres:
            from spowatch.store.checkpoints_postgres import forget_postgres_checkpoints

            forget_postgres_checkpoints(postgres.dsn.get_secret_value(), environment=os.environ)
    new_seal_key(settings.seal_key_path)


@contextmanager
def kept_checkpoints(settings: Settings) -> Iterator[KeptCheckpoints]:
    """Closed again at the end."""
    match settings.log:
        case SqliteLogSettings():
            with closing(SqliteCheckpoints(settings.checkpoints_path)) as kept:
                yield kept
        case PostgresLogSettings() as postgres:
            from spowatch.store.checkpoints_postgres import PostgresCheckpoints

            dsn = postgres.dsn.get_secret_value()
            with closing(PostgresCheckpoints(dsn, environment=os.environ)) as kept:
                yield kept


def newest_of(kept: KeptCheckpoints) -> Sealed | None:
    """The checkpoint that reaches furthest, of all lines."""
    found = [last for origin in kept.origins() if (last := kept.last(origin)) is not None]
    return max(found, key=lambda each: each.position, default=None)


@contextmanager
def sealing(store: "Store", clock: Callable[[], datetime]) -> Iterator[WatchedSealer]:
    settings = store.settings
    try:
        key = seal_key(settings.seal_key_path)
    except SealKeyRefused as refused:
        msg = f"SPO_SEAL__KEY_FILE: {refused}"
        raise SettingsError(msg) from None
    except OSError as fault:
        # The fault itself names no file when writing or syncing fails.
        at = f"{settings.seal_key_path}: {fault.strerror}"
        msg = f"SPO_SEAL__KEY_FILE: {at}; see that its folder is there, and its disk well"
        raise SettingsError(msg) from None
    with kept_checkpoints(settings) as kept:
        sealer = Sealer(store.log, kept, key, witness_of(settings), clock, settings.seal.every)
        rounds = Rounds(store.log, kept, key.public, monotonic)
        yield WatchedSealer(sealer, rounds, store.meters.seal, clock)


def witness_of(settings: Settings) -> WitnessFile | None:
    return None if settings.seal.witness is None else WitnessFile(settings.seal.witness)
