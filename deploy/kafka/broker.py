"""One Kafka node, broker and controller in one process: formatted, started, frozen, killed."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

HOST = "127.0.0.1"
PATIENCE = 180.0
"""Seconds until a node that does not become usable counts as failed."""
QUICK_JVM = ("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Starts soonest. For figures of throughput, let the second compiler in: `STEADY_JVM`."""
STEADY_JVM = ("-Xms512m", "-Xmx512m", "-XX:+UseG1GC")
_USABLE = b"Kafka Server started"
"""The node says so when it has caught up with the controllers and is no longer fenced."""
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)


class BrokerFailed(Exception):
    """A node that did not start; with the last it said."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What a node is called and where it is reached, for as long as its data lives."""

    node: int
    directory_id: str
    port: int
    controller_port: int
    proxied_port: int
    """Where it listens for what comes through a proxy;"""
    proxy_port: int
    """where that proxy is to listen: the address it gives clients that came that way."""

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def proxy_address(self) -> str:
        return f"{HOST}:{self.proxy_port}"

    @property
    def voter(self) -> str:
        return f"{self.node}@{HOST}:{self.controller_port}:{self.directory_id}"


def properties(seat: Seat, seats: Sequence[Seat], data: Path) -> dict[str, str]:
    """The node's settings; durable as ours are to be everywhere, and quick to start."""
    copies, in_sync = str(len(seats)), str(max(1, len(seats) - 1))
    listeners = {"PLAINTEXT": seat.port, "PROXIED": seat.proxied_port}
    advertised = {"PLAINTEXT": seat.port, "PROXIED": seat.proxy_port}
    return {
        "process.roles": "broker,controller",
        "node.id": str(seat.node),
        "log.dir": str(data),
        "listeners": _listed(listeners | {"CONTROLLER": seat.controller_port}),
        "advertised.listeners": _listed(advertised | {"CONTROLLER": seat.controller_port}),
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": ",".join(
            f"{HOST}:{each.controller_port}" for each in seats
        ),
        # Without names and passwords everyone is ANONYMOUS; access rules can be kept all the same.
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        "group.initial.rebalance.delay.ms": "0",
        # A killed node is let in again only when its former life is held to be over; 9 s unset.
        "broker.session.timeout.ms": "2000",
        "broker.heartbeat.interval.ms": "250",
        "log.cleaner.dedupe.buffer.size": "8388608",
    }


def _listed(ports: Mapping[str, int]) -> str:
    return ",".join(f"{name}://{HOST}:{port}" for name, port in ports.items())


class Broker:
    """A node on the data in `directory`. Left behind, it is killed by whoever opened the cluster."""

    def __init__(
        self, seat: Seat, settings: Mapping[str, str], directory: Path, classpath: Path
    ) -> None:
        self.seat = seat
        self.directory = directory
        self._settings = settings
        self._classpath = f"{classpath}/*"
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    @property
    def log(self) -> Path:
        return self.directory / "broker.log"

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def format(self, cluster_id: str, voters: Sequence[Seat]) -> None:
        """Prepare the data directory, once; a second time is nothing."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(
            "".join(f"{name}={value}\n" for name, value in self._settings.items())
        )
        if Path(self._settings["log.dir"], "meta.properties").exists():
            return
        initial = ",".join(seat.voter for seat in voters)
        order = [
            "format",
            "-t",
            cluster_id,
            "-c",
            str(self._properties),
            "--initial-controllers",
            initial,
        ]
        done = subprocess.run(
            self._java(QUICK_JVM, "kafka.tools.StorageTool", *order),
            capture_output=True,
            check=False,
            text=True,
        )
        if done.returncode:
            msg = f"node {self.seat.node} could not be formatted: {done.stderr.strip()[-500:]}"
            raise BrokerFailed(msg)

    def start(self, jvm: Sequence[str] = QUICK_JVM) -> None:
        """Start the process on its data and ports; `wait` tells when it is usable."""
        if self.alive:
            return
        self._said_before = self.log.stat().st_size if self.log.exists() else 0
        order = self._java([*jvm, *_LOGGING], "kafka.Kafka", str(self._properties))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                order, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait(self, patience: float = PATIENCE) -> None:
        """Until it answers clients. Raises `BrokerFailed` when it ends or takes too long."""
        deadline = monotonic() + patience
        while _USABLE not in self._said():
            if not self.alive or monotonic() > deadline:
                last = self._said()[-1000:].decode("utf-8", "replace")
                msg = f"node {self.seat.node} did not become usable; it said last: {last}"
                raise BrokerFailed(msg)
            sleep(0.05)

    def stop(self, patience: float = PATIENCE) -> None:
        """Let it hand over what it leads and close its files."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut of the process would: what is in the page cache stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop it in its tracks: connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            msg = f"node {self.seat.node} is not running"
            raise BrokerFailed(msg)
        return self._process

    def _said(self) -> bytes:
        with self.log.open("rb") as log:
            log.seek(self._said_before)
            return log.read()

    def _java(self, options: Sequence[str], main: str, *arguments: str) -> list[str]:
        return ["java", *options, "-cp", self._classpath, main, *arguments]
