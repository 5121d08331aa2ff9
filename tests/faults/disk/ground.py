"""One machine with a PostgreSQL server and what the program keeps beside it, in one folder that may be cut."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT

from pydantic import SecretStr

from deploy.postgres.server import NOBODY, Cluster
from spowatch.settings.key import PostgresKeySettings
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.wiring.store import migrate, throw_away
from tests.store.postgres.key_places import unmigrated_keys
from tests.store.postgres.places import run_script, unmigrated

SMALL: Mapping[str, str] = {
    "shared_buffers": "512kB",
    "max_connections": "40",
    "min_wal_size": "2MB",
    "max_wal_size": "4MB",
    "bgwriter_delay": "10ms",
    "wal_writer_delay": "10s",
    "wal_writer_flush_after": "1GB",
    "full_page_writes": "on",
    "fsync": "on",
}
"""So that pages are written before a checkpoint wants them, segments of the write-ahead log are used again, and nothing of it
is synced by whoever has nothing to promise."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`log` and `keys` are the names of the databases."""

    folder: Path
    log: str
    keys: str

    @property
    def server(self) -> Path:
        return self.folder / "server"

    @property
    def administrator(self) -> str:
        return Cluster(self.server).dsn(database=self.log)

    def settings(self, log: str = "spowatch_writer", keys: str = "spowatch_keys") -> Settings:
        """As those roles of the server."""
        cluster = Cluster(self.server)
        log_dsn, keys_dsn = cluster.dsn(log, self.log), cluster.dsn(keys, self.keys)
        parts = {
            "log": PostgresLogSettings(kind="postgres", dsn=SecretStr(log_dsn)),
            "keys": PostgresKeySettings(kind="postgres", dsn=SecretStr(keys_dsn)),
        }
        return throw_away(self.folder).model_copy(update=parts)

    def at(self, folder: Path) -> "Ground":
        """The same, laid elsewhere."""
        return Ground(folder, self.log, self.keys)


def made_ground(folder: Path) -> Ground:
    """New and migrated, its server shut down."""
    (folder / "server").mkdir(parents=True)
    cluster = Cluster(folder / "server")
    cluster.create("--wal-segsize=1")
    cluster.start(**SMALL)
    try:
        log, keys = unmigrated(cluster), unmigrated_keys(cluster)
        ground = Ground(folder, log.database, keys.database)
        migrate(ground.settings("spowatch_owner", "spowatch_keys_owner"))
        run_script(log.owner, "grants.sql")
        run_script(keys.owner, "keys_grants.sql")
    finally:
        cluster.stop(SIGINT)
    return ground


@contextmanager
def served(
    ground: Ground, environment: Mapping[str, str] | None = None, **settings: str
) -> Iterator[None]:
    """Its server, up. What it left in a socket's folder, which no power cut outlives, is gone before."""
    for path in ground.server.glob(".s.PGSQL*"):
        path.unlink()
    _given_to_the_server(ground.server)
    cluster = Cluster(ground.server, environment)
    try:
        cluster.start(**{**SMALL, **settings})
        yield
    finally:
        cluster.stop()


def _given_to_the_server(folder: Path) -> None:
    """Laid by us, who may be root; it is neither, and wants its data to itself."""
    (folder / "data").chmod(0o700)
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            shutil.chown(path, NOBODY, NOBODY)
