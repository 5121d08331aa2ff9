"""A broker: partitions by order, each in order, none in step with another, and what comes may come twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from eventsourcing.persistence import ProcessRecorder, Tracking

from domain.published import EventReader, OrderEvent
from tests.simulation.reading import Sleepless
from tests.simulation.world import World

_PARTITIONS = 3


@dataclass
class Broker:
    """Outlives whoever reads from it."""

    world: World
    partitions: list[list[OrderEvent]] = field(
        default_factory=lambda: [[] for _ in range(_PARTITIONS)]
    )
    relayed: int = 0

    def fill(self, reader: EventReader) -> None:
        """Take over what is new on the log, some of it twice."""
        for event in reader.read(self.relayed, limit=500, wait=0):
            partition = self.partitions[event.stream_id.int % _PARTITIONS]
            partition.append(event)
            if self.world.chance(0.03):
                self.world.bit["sent twice by the broker"] += 1
                partition.append(event)
            self.relayed = event.position


class BrokerFeed:
    """A tracked feed of the broker's partitions; one of them at a time, as Kafka's client gives them."""

    name = "arrest-desk"
    follows_log = False

    def __init__(self, broker: Broker, reader: Sleepless, recorder: ProcessRecorder) -> None:
        self._broker = broker
        self._reader = reader
        self._recorder = recorder
        self._rng: Random = broker.world.rng
        self._of = 0
        self._first = 0
        self._read: list[OrderEvent] = []
        self._offsets: list[int] = []
        self.more = False
        self.rewinds = 0
        self.rewind()

    def read(self, *, limit: int, wait: float) -> Sequence[OrderEvent]:
        self._broker.fill(self._reader.reader)
        waiting = [
            each
            for each, events in enumerate(self._broker.partitions)
            if len(events) > self._offsets[each]
        ]
        self._reader.would_wait, self._reader.found = wait, bool(waiting)
        if not waiting:
            return []
        self._of = self._rng.choice(waiting)
        self._first = self._offsets[self._of]
        most = self._rng.choice((1, 3, limit))
        ahead = self._broker.partitions[self._of][self._first :]
        self._read = ahead[:most]
        self.more = len(waiting) > 1 or len(ahead) > most
        return list(dict.fromkeys(self._read))

    def commit(self, upto: OrderEvent) -> None:
        self._recorder.insert_tracking(self.tracking(upto))
        self.committed(upto)

    def tracking(self, upto: OrderEvent) -> Tracking:
        return Tracking(f"broker:{self._of}", self._last(upto))

    def committed(self, upto: OrderEvent) -> None:
        self._offsets[self._of] = self._last(upto)

    def rewind(self) -> None:
        self.rewinds += 1
        of = range(_PARTITIONS)
        self._offsets = [self._recorder.max_tracking_id(f"broker:{each}") or 0 for each in of]

    def _last(self, upto: OrderEvent) -> int:
        """The offset after the last record of that event."""
        newest = max(n for n, event in enumerate(self._read) if event == upto)
        return self._first + newest + 1
