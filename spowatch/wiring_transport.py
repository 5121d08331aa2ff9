"""How consumers come by events: the one place where the transport is chosen.

The broker's client takes 0.2 s to load, so it is loaded where there is a broker.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from consumers.feed import TrackedFeed
from consumers.log_feed import LogFeed
from spowatch.settings import EmbeddedTransport, KafkaTransport

if TYPE_CHECKING:
    from consumers.intake import Intake
    from consumers.relay import Relay
    from spowatch.open_store import Store

DESK = "arrest-desk"
_NO_BROKER = (
    "this role needs a broker: set SPO_TRANSPORT__KIND=kafka and its SPO_TRANSPORT__BOOTSTRAP"
)


@contextmanager
def desk_feed(store: "Store", clock: Callable[[], datetime]) -> Iterator[TrackedFeed]:
    """What the arrest desk reads."""
    match store.settings.transport:
        case EmbeddedTransport():
            yield LogFeed(DESK, store.events, store.log)
        case KafkaTransport() as kafka:
            from spowatch.wiring_kafka import kafka_feed_for

            with kafka_feed_for(DESK, kafka, store, clock) as feed:
                yield feed


@contextmanager
def at_the_broker(
    name: str, store: "Store", clock: Callable[[], datetime]
) -> Iterator["Relay | Intake"]:
    """The relay to the broker, or commands from it. Raises `ValueError` without one."""
    match store.settings.transport:
        case EmbeddedTransport():
            raise ValueError(_NO_BROKER)
        case KafkaTransport() as kafka:
            from spowatch.wiring_kafka import intake_from, relay_to

            way = relay_to(kafka, store) if name == "relay" else intake_from(kafka, store, clock)
            with way as working:
                yield working
