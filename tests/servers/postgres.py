"""Real PostgreSQL servers for the tests: one that a whole run shares, and ones of a test's own."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, sleep

import psycopg
import pytest

from tests.servers.postgres_binaries import ROOT, PostgresUnavailable, binaries

ADMINISTRATOR = "administrator"
NOBODY = 65534
PATIENCE = 60.0
_SETTINGS = {
    "fsync": "on",
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "logging_collector": "off",
}


class Cluster:
    """A server with a data directory of its own, reached by a socket in that directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def dsn(self, user: str = ADMINISTRATOR, database: str = "postgres") -> str:
        return f"host={self.directory} user={user} dbname={database}"

    def create(self) -> None:
        # The server refuses to run as root.
        if os.geteuid() == 0:
            os.chown(self.directory, NOBODY, NOBODY)
        options = ["--no-sync", "--locale=C.UTF-8", "--auth=trust", f"--username={ADMINISTRATOR}"]
        self._spawn("initdb", *options, f"--pgdata={self.directory / 'data'}").wait(PATIENCE)

    def start(self, **settings: str) -> None:
        """Returns once it takes connections."""
        given = {**_SETTINGS, "unix_socket_directories": str(self.directory), **settings}
        options = [f"--{name}={value}" for name, value in given.items()]
        self._process = self._spawn("postgres", "-D", str(self.directory / "data"), *options)
        deadline = monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or monotonic() > deadline:
                msg = f"PostgreSQL did not start: {self.log()[-2000:]}"
                raise RuntimeError(msg)
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


@pytest.fixture(scope="session")
def postgres(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    """The shared server. Nobody stops it; each worker makes databases of its own."""
    _or_skip()
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "postgres"
    folder.mkdir(exist_ok=True)
    with _kept(folder) as directory:
        yield Cluster(directory)


@pytest.fixture
def own_postgres() -> Iterator[Cluster]:
    """A server that the test may stop and start again; costs some three seconds."""
    _or_skip()
    with running() as cluster:
        yield cluster


def _or_skip() -> None:
    try:
        binaries()
    except PostgresUnavailable as missing:
        pytest.skip(f"needs PostgreSQL: {missing}")


@contextmanager
def _kept(folder: Path) -> Iterator[Path]:
    """The shared server's directory. It runs as long as anyone is in here, in whatever worker.

    Every user holds a shared lock, which the kernel takes back however the user ends. Its keeper
    waits for the exclusive one, and holds that until the server is gone.
    """
    keeper = None
    with (folder / "users.lock").open("w") as users, (folder / "start.lock").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        ready = folder / "ready"
        if not ready.exists():
            keeper = _keeper(folder)
        fcntl.flock(starting, fcntl.LOCK_UN)
        yield Path(ready.read_text(encoding="utf-8"))
    if keeper is not None:
        keeper.wait(PATIENCE * 10)


def _keeper(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.postgres", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )
    deadline = monotonic() + 2 * PATIENCE
    while not (folder / "ready").exists():
        if keeper.poll() is not None or monotonic() > deadline:
            keeper.kill()
            msg = f"the shared PostgreSQL did not start: {(folder / 'keeper.log').read_text()}"
            raise RuntimeError(msg)
        sleep(0.02)
    return keeper


def keep(folder: Path) -> None:
    """Run a server until nobody uses it any more."""
    with (folder / "users.lock").open("w") as users, running() as cluster:
        made = folder / "made"
        made.write_text(str(cluster.directory), encoding="utf-8")
        ready = made.rename(folder / "ready")
        fcntl.flock(users, fcntl.LOCK_EX)
        ready.unlink()
        cluster.stop()


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
