"""Real PostgreSQL servers for the tests: one that a whole run shares, and ones of a test's own."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from deploy.postgres.binaries import ROOT, PostgresUnavailable, binaries
from deploy.postgres.server import PATIENCE, Cluster, running

__all__ = ["Cluster", "running"]


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
