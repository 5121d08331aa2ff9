"""One or three Kafka nodes on loopback: `python -m deploy.kafka.cluster --data DIR --nodes 3`."""

import argparse
import base64
import json
import random
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from deploy.kafka.broker import HOST, QUICK_JVM, STEADY_JVM, Broker, Seat, properties
from deploy.kafka.jars import jars

_LAYOUT = "cluster.json"
_PORTS_EACH = 4
# Below where Linux picks the ports of outgoing connections, so that a node finds its own free again.
_PORT_RANGE = range(20000, 32000)


class Cluster:
    """The nodes on the data in `directory`; the same directory gives the same ids and ports."""

    def __init__(
        self,
        directory: Path,
        nodes: int = 1,
        *,
        jvm: Sequence[str] = QUICK_JVM,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`settings` are Kafka's own, over ours. Raises `BrokerUnavailable`."""
        classpath = jars()
        self._jvm = jvm
        self._cluster_id, seats = _layout(directory / _LAYOUT, nodes)
        self.brokers = []
        for seat in seats:
            home = directory / f"node-{seat.node}"
            stated = properties(seat, seats, home / "data") | dict(settings or {})
            self.brokers.append(Broker(seat, stated, home, classpath))

    @property
    def bootstrap(self) -> str:
        return ",".join(broker.seat.address for broker in self.brokers)

    @property
    def proxied_bootstrap(self) -> str:
        """The addresses of the proxies that are to stand before the nodes."""
        return ",".join(broker.seat.proxy_address for broker in self.brokers)

    def start(self) -> None:
        """Format what was never formatted, start every node and wait until all are usable."""
        seats = [broker.seat for broker in self.brokers]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda broker: broker.format(self._cluster_id, seats), self.brokers))
        for broker in self.brokers:
            broker.start(self._jvm)
        for broker in self.brokers:
            broker.wait()

    def restart(self, broker: Broker) -> None:
        """Start a node that was killed or stopped, on its data and ports, and wait for it."""
        broker.start(self._jvm)
        broker.wait()

    def stop(self) -> None:
        """All at once: a node that stops alone waits in vain for a quorum."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(Broker.stop, self.brokers))

    def kill(self) -> None:
        for broker in self.brokers:
            broker.kill()


@contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster started, and no node left behind."""
    with ExitStack() as stack:
        stack.callback(cluster.kill)
        cluster.start()
        yield cluster
        cluster.stop()


def seats_in(directory: Path) -> list[Seat]:
    """The seats of the cluster whose data is in `directory`."""
    kept = json.loads((directory / _LAYOUT).read_text(encoding="utf-8"))
    return [Seat(**seat) for seat in kept["seats"]]


def _layout(file: Path, nodes: int) -> tuple[str, list[Seat]]:
    if file.exists():
        kept = json.loads(file.read_text(encoding="utf-8"))
        return kept["cluster_id"], seats_in(file.parent)
    ports = _free_ports(_PORTS_EACH * nodes)
    seats = [
        Seat(node + 1, _kafka_id(), *ports[_PORTS_EACH * node : _PORTS_EACH * (node + 1)])
        for node in range(nodes)
    ]
    cluster_id = _kafka_id()
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = {"cluster_id": cluster_id, "seats": [asdict(seat) for seat in seats]}
    file.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return cluster_id, seats


def _free_ports(wanted: int) -> list[int]:
    ports: list[int] = []
    for port in random.sample(_PORT_RANGE, len(_PORT_RANGE)):
        with closing(socket.socket()) as trial:
            if trial.connect_ex((HOST, port)):
                ports.append(port)
        if len(ports) == wanted:
            return ports
    msg = f"no {wanted} free ports between {_PORT_RANGE.start} and {_PORT_RANGE.stop}"
    raise OSError(msg)


def _kafka_id() -> str:
    """As Kafka writes ids: base64url without padding, and none that starts like an option."""
    text = "-"
    while text.startswith("-"):
        text = base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="kept; used again by a later run")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--quick", action="store_true", help="start soon rather than run fast")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    given = parser.parse_args()
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    jvm = QUICK_JVM if given.quick else STEADY_JVM
    with running(Cluster(given.data, given.nodes, jvm=jvm)) as cluster:
        _say(cluster)
        if given.until_eof:
            sys.stdin.buffer.read()
        else:
            stop.wait()


def _say(cluster: Cluster) -> None:
    nodes = {broker.seat.node: broker.pid for broker in cluster.brokers}
    said = {"bootstrap": cluster.bootstrap, "pids": nodes}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
