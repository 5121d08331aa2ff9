"""Servers that died start again: the database at once, a broker when alerts have come without it for a while."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic

from deploy.kafka.broker import Broker
from deploy.postgres.server import Cluster, ServerDidNotStart

BROKER_AWAY = 20.0
"""Seconds, in which whoever killed it sees that no alert needs it."""

_LOOK = 0.2


@contextmanager
def kept_up(
    database: Cluster,
    brokers: Sequence[Broker],
    say: Callable[[str], None],
    away: float = BROKER_AWAY,
) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=_keep_up, args=(database, brokers, say, away, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _keep_up(
    database: Cluster,
    brokers: Sequence[Broker],
    say: Callable[[str], None],
    away: float,
    stop: threading.Event,
) -> None:
    died: dict[int, float] = {}
    while not stop.wait(_LOOK):
        if not database.alive:
            say("PostgreSQL ended; starting it again")
            # Not while processes of its former life are there; the next look is soon.
            with suppress(ServerDidNotStart):
                database.start()
                say(f"PostgreSQL: pid {database.pid}")
        for broker in brokers:
            node = broker.seat.node
            if broker.alive:
                died.pop(node, None)
            elif monotonic() - died.setdefault(node, monotonic()) >= away:
                broker.start()
                say(f"broker {node} started again: pid {broker.pid}")
