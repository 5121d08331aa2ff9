"""A PostgreSQL server on this machine: created, started, ended; for trials, tests and the demo."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, sleep

import psycopg

from deploy.postgres.binaries import binaries

ADMINISTRATOR = "administrator"
NOBODY = 65534
PATIENCE = 60.0
_SETTINGS = {
    "fsync": "on",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "logging_collector": "off",
}


class ServerDidNotStart(RuntimeError):
    """It ended, or took no connection in time; says what it had logged."""


class Cluster:
    """A server with a data directory of its own, reached by a socket in that directory."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        """`environment`: of the server's processes; ours where none is given."""
        self.directory = directory
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def dsn(self, user: str = ADMINISTRATOR, database: str = "postgres") -> str:
        return f"host={self.directory} user={user} dbname={database}"

    def create(self, *options: str) -> None:
        """`options`: for initdb, beside our own."""
        # The server refuses to run as root.
        if os.geteuid() == 0:
            os.chown(self.directory, NOBODY, NOBODY)
        ours = ["--no-sync", "--locale=C.UTF-8", "--auth=trust", f"--username={ADMINISTRATOR}"]
        place = f"--pgdata={self.directory / 'data'}"
        self._spawn("initdb", *ours, *options, place).wait(PATIENCE)

    def start(self, **settings: str) -> None:
        """Returns once it takes connections. Raises `ServerDidNotStart`."""
        given = {**_SETTINGS, "unix_socket_directories": str(self.directory), **settings}
        options = [f"--{name}={value}" for name, value in given.items()]
        self._process = self._spawn("postgres", "-D", str(self.directory / "data"), *options)
        deadline = monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or monotonic() > deadline:
                msg = f"PostgreSQL did not start: {self.log()[-2000:]}"
                raise ServerDidNotStart(msg)
            sleep(0.02)

    def log(self) -> str:
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT ends it at once, as a crash would; SIGINT ends its sessions and flushes first."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.dsn()):
            return True
        return False

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        as_root = os.geteuid() == 0
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(
                [binaries() / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env=self._environment,
                user=NOBODY if as_root else None,
                group=NOBODY if as_root else None,
                extra_groups=[] if as_root else None,
            )


@contextmanager
def running(**settings: str) -> Iterator[Cluster]:
    """A new server, gone with all its data at the end."""
    # Not pytest's own folder: no other user may enter that, and a socket's path must be short.
    directory = Path(mkdtemp(prefix="spowatch-postgres-"))
    cluster = Cluster(directory)
    try:
        cluster.create()
        cluster.start(**settings)
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(directory)
