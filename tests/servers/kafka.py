"""One real Kafka node for a whole test run, shared by its workers and gone when the last one ends."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import pytest

from deploy.kafka.broker import PATIENCE, Seat
from deploy.kafka.cluster import Cluster, running, seats_in
from deploy.kafka.jars import BrokerUnavailable, jars
from tests.servers.frame_proxy import FrameProxy
from tests.servers.kafka_clients import made_topic

# kafka-python 3.0.12 leaves the socket of a refused connection to the garbage collector. Not ours.
_LEFT_OPEN = r"ignore:unclosed <socket\.socket .*laddr=\('0\.0\.0\.0':ResourceWarning"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Kafka:
    """The shared node. Nobody kills it: others are using it."""

    directory: Path
    seat: Seat

    @property
    def bootstrap(self) -> str:
        return self.seat.address

    def prefix(self) -> str:
        """A start for the names of one test's topics, groups and principals; no other has it."""
        return f"t-{uuid4().hex[:12]}."

    def topic(self, partitions: int = 1, **settings: str) -> str:
        """A new topic; a setting's dots are written as underscores."""
        return made_topic(self.bootstrap, f"{self.prefix()}topic", partitions, **settings)

    @contextmanager
    def proxied(self) -> Iterator[tuple[str, FrameProxy]]:
        """Its address through a proxy, and that proxy; one test of the run at a time."""
        with (self.directory / "proxy.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with FrameProxy(self.seat.proxy_port, self.seat.proxied_port) as proxy:
                yield self.seat.proxy_address, proxy


@pytest.fixture(scope="session")
def kafka(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Kafka]:
    """The shared node; skips, with the reason in one line, where none can be had."""
    or_skip(request.config)
    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if hasattr(request.config, "workerinput") else base) / "kafka"
    directory.mkdir(exist_ok=True)
    with _kept(directory):
        yield Kafka(directory, seats_in(directory / "data")[0])


@pytest.fixture
def own_kafka(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A node that the test may kill, freeze and start again; costs some five seconds."""
    or_skip(request.config)
    with running(Cluster(tmp_path / "kafka")) as cluster:
        yield cluster


def or_skip(config: pytest.Config) -> None:
    if _LEFT_OPEN not in config.getini("filterwarnings"):
        config.addinivalue_line("filterwarnings", _LEFT_OPEN)
    try:
        jars()
    except BrokerUnavailable as missing:
        pytest.skip(f"needs Apache Kafka: {missing}")


@contextmanager
def _kept(directory: Path) -> Iterator[None]:
    """The node runs as long as anyone is in here, in whatever worker, however that worker ends.

    Its keeper reads from a pipe whose other end every user holds open: the kernel tells it when
    the last of them is gone.
    """
    keeper = None
    with (directory / "users.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = _joined(directory / "users")
        if held is None:
            held, keeper = _started(directory)
    try:
        yield
    finally:
        os.close(held)
        if keeper is not None:
            keeper.wait()


def _joined(pipe: Path) -> int | None:
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # there is no such pipe, or nobody reads it
        return None


def _started(directory: Path) -> tuple[int, subprocess.Popen[bytes]]:
    pipe, ready = directory / "users", directory / "ready.json"
    pipe.unlink(missing_ok=True)
    ready.unlink(missing_ok=True)
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    held = os.open(pipe, os.O_WRONLY)
    os.set_blocking(reading, True)
    order = [sys.executable, "-m", "deploy.kafka.cluster", "--data", str(directory / "data")]
    with ready.open("wb") as said, (directory / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [*order, "--quick", "--until-eof"],
            stdin=reading,
            stdout=said,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )
    os.close(reading)
    _await_ready(keeper, ready, directory / "keeper.log")
    return held, keeper


def _await_ready(keeper: subprocess.Popen[bytes], ready: Path, log: Path) -> None:
    deadline = monotonic() + 2 * PATIENCE
    while not ready.read_bytes().endswith(b"\n"):
        if keeper.poll() is not None or monotonic() > deadline:
            keeper.kill()
            msg = f"the shared Kafka node did not start: {log.read_text()[-2000:]}"
            raise RuntimeError(msg)
        sleep(0.05)
