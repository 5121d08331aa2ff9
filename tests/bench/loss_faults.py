"""What happens to a log while it is shaken: kills, restarts, frozen sessions, dead links, old work."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from multiprocessing.context import SpawnProcess
from pathlib import Path
from random import Random
from typing import LiteralString

import psycopg
from psycopg.sql import SQL

from deploy.postgres.server import Cluster
from tests.bench.loss_processes import Library, Ours, write
from tests.forking import SPAWN
from tests.servers.silent_proxy import SilentProxy
from tests.store.postgres.places import Place

WRITERS = 8
_SESSIONS: LiteralString = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
    "AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
)


class Shaking:
    """Keeps eight writers going and does something bad to them, or under them, at each step.

    Half of the writers come through a link that can go silent. `bites` counts what was done.
    """

    def __init__(
        self, kind: type[Ours | Library], cluster: Cluster, place: Place, folder: Path
    ) -> None:
        self.bites: Counter[str] = Counter()
        self._kind = kind
        self._cluster = cluster
        self._place = place
        self._folder = folder
        self._stack = ExitStack()
        self._proxy = self._stack.enter_context(SilentProxy(cluster.directory))
        self._elsewhere = self._stack.enter_context(ExitStack())
        self._chance = Random(1)
        self._writers = [self._started(number) for number in range(WRITERS)]
        self._bad: list[Callable[[], None]] = [
            self._kill,
            self._kill,
            self._freeze,
            self._silence,
            self._vacuum,
            self._leave_open,
        ]

    def dsn(self, number: int) -> str:
        """Through the link for every other one."""
        if number % 2 or self._kind is Library:
            return self._place.writer
        address = f"host=127.0.0.1 port={self._proxy.port}"
        return f"{address} user=spowatch_writer dbname={self._place.database}"

    def step(self, number: int) -> None:
        bad = self._restart if number % 20 == 19 else self._chance.choice(self._bad)
        with suppress(psycopg.Error):
            bad()
        self.bites[bad.__name__.strip("_")] += 1
        time.sleep(self._chance.uniform(0.05, 0.4))

    def end(self) -> None:
        """No more faults and no more writers; the link works on for whoever reads through it."""
        for writer in self._writers:
            writer.kill()
            writer.join()
        self._elsewhere.close()

    def close(self) -> None:
        self._stack.close()

    def _started(self, number: int) -> SpawnProcess:
        given = (self._kind, self.dsn(number), self._folder / f"accepted-{number}")
        process = SPAWN.Process(target=write, args=given)
        process.start()
        return process

    def _kill(self) -> None:
        number = self._chance.randrange(WRITERS)
        self._writers[number].kill()
        self._writers[number].join()
        self._writers[number] = self._started(number)

    def _freeze(self) -> None:
        """One session of the server, perhaps the one that has the turn."""
        with psycopg.connect(self._place.administrator, autocommit=True) as administrator:
            [session] = administrator.execute(_SESSIONS).fetchone() or (0,)
        if session:
            os.kill(session, signal.SIGSTOP)
            time.sleep(0.3)
            os.kill(session, signal.SIGCONT)

    def _silence(self) -> None:
        self._proxy.go_silent()
        time.sleep(0.5)
        self._proxy.speak_again()

    def _vacuum(self) -> None:
        with psycopg.connect(self._place.administrator, autocommit=True) as administrator:
            administrator.execute(SQL("VACUUM ") + SQL(self._kind.table))

    def _leave_open(self) -> None:
        """A transaction that has written something elsewhere, open until the next one is."""
        self._elsewhere.close()
        other = self._elsewhere.enter_context(psycopg.connect(self._cluster.dsn()))
        other.execute("CREATE TABLE left_open AS SELECT pg_current_xact_id()::text AS number")
        self._elsewhere.callback(other.rollback)

    def _restart(self) -> None:
        self._elsewhere.close()
        self._cluster.stop()
        self._cluster.start()
