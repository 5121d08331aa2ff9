"""How consumers come by events: the one place where the transport is chosen.

The broker's client takes 0.2 s to load, so it is loaded where there is a broker.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from consumers.feed import TrackedFeed
from consumers.log_feed import LogFeed
from domain.brought import BringAlong
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import EmbeddedTransport, KafkaTransport
from spowatch.wiring.log import desk_reader

if TYPE_CHECKING:
    from consumers.intake import Intake
    from consumers.relay import Relay
    from spowatch.open_store import Store

DESK = "arrest-desk"
_NO_BROKER = (
    "this role needs a broker: set SPO_TRANSPORT__KIND=kafka and its SPO_TRANSPORT__BOOTSTRAP"
)


@contextmanager
def desk_feed(
    store: "Store", clock: Callable[[], datetime], along: BringAlong
) -> Iterator[TrackedFeed]:
    """What the arrest desk reads. A broker brings references alone."""
    match store.settings.transport:
        case EmbeddedTransport():
            yield LogFeed(DESK, desk_reader(store.log, along), store.log)
        case KafkaTransport() as kafka:
            from spowatch.wiring.kafka import kafka_feed_for

            with kafka_feed_for(DESK, kafka, store, clock) as feed:
                yield feed


@contextmanager
def telling_the_broker(store: "Store") -> Iterator["Relay"]:
    """Raises `SettingsError` without a broker."""
    from spowatch.wiring.kafka import relay_to

    with relay_to(_broker_of(store), store) as relay:
        yield relay


@contextmanager
def taking_in(store: "Store", clock: Callable[[], datetime]) -> Iterator["Intake"]:
    """Commands from the broker. Raises `SettingsError` without one."""
    from spowatch.wiring.kafka import intake_from

    with intake_from(_broker_of(store), store, clock) as intake:
        yield intake


def _broker_of(store: "Store") -> KafkaTransport:
    match store.settings.transport:
        case EmbeddedTransport():
            raise SettingsError(_NO_BROKER)
        case KafkaTransport() as kafka:
            return kafka
