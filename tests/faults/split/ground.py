"""The servers that a matrix of faults stands on: one PostgreSQL, one Kafka, with proxies before both."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from deploy.kafka.broker import Broker
from deploy.kafka.cluster import Cluster as KafkaCluster
from deploy.kafka.cluster import running as running_kafka
from deploy.postgres.server import Cluster as PostgresCluster
from deploy.postgres.server import running as running_postgres
from tests.servers.frame_proxy import FrameProxy
from tests.servers.silent_proxy import SilentProxy

_PATIENCE = 60.0
_BROKER_STARTS = 180.0
_SMALL = "192m"


@dataclass(frozen=True, slots=True)
class Ground:
    """Cells take turns on it: each has a database and topics of its own, and heals what it broke."""

    folder: Path
    postgres: PostgresCluster
    kafka: KafkaCluster
    broker_link: FrameProxy
    """Before the first node."""
    database_link: SilentProxy
    small_disk: Path | None = None
    """Under one of the two, where that is what a cell is about."""


@contextmanager
def ground(folder: Path, brokers: int = 1, small: str = "") -> Iterator[Ground]:
    """`small` names the server that stands on a small disk: postgres or kafka."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder / "disk")) if small else None
        on_disk = disk if small == "postgres" else None
        postgres = stack.enter_context(_postgres_on(on_disk) if on_disk else running_postgres())
        home = (disk if small == "kafka" and disk else folder) / "kafka"
        kafka = stack.enter_context(running_kafka(KafkaCluster(home, brokers)))
        seat = kafka.brokers[0].seat
        broker_link = stack.enter_context(FrameProxy(seat.proxy_port, seat.proxied_port))
        database_link = stack.enter_context(SilentProxy(postgres.directory))
        yield Ground(folder, postgres, kafka, broker_link, database_link, disk)


@contextmanager
def _postgres_on(disk: Path) -> Iterator[PostgresCluster]:
    cluster = PostgresCluster(disk / "postgres")
    cluster.directory.mkdir()
    disk.parent.chmod(0o711)  # the server does not run as root, and must come through
    try:
        cluster.create()
        cluster.start(min_wal_size="32MB", max_wal_size="32MB")
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own in memory; only root may have one."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SMALL}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def back(broker: Broker) -> None:
    """Started on its data, and usable; a machine that other work shares is given time."""
    broker.start()
    broker.wait(_BROKER_STARTS)


def kill_postgres(cluster: PostgresCluster) -> None:
    """The postmaster without a word; its children notice and end."""
    children = server_processes(cluster)
    cluster.stop(signal.SIGKILL)
    deadline = monotonic() + _PATIENCE
    while any(_alive(pid) for pid in children) and monotonic() < deadline:
        sleep(0.02)


def server_processes(cluster: PostgresCluster) -> list[int]:
    """The postmaster, then every process that it has started."""
    lines = (cluster.directory / "data" / "postmaster.pid").read_text(encoding="utf-8")
    postmaster = int(lines.splitlines()[0])
    return [postmaster, *_children(postmaster)]


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """Stopped in their tracks: links stay open and nothing answers."""
    try:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}
