"""The relay: the log to the broker, in the order of the log. The only writer of Kafka records.

The log itself is the outbox. Whatever the broker does not acknowledge is sent again from the cursor;
what it acknowledged and lost is found by looking where it should lie, and sent again in order.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from consumers.relay_flight import Flight
from consumers.relay_ledger import RelayLedger, Sent
from consumers.relay_messages import Header, Message, messages_of
from consumers.relay_producer import give_up, send_off
from domain.published import Outgoing

WINDOW = 1_000
"""Events of one flight at most; the next is read when the broker has answered for all of them."""

LEASE = 5.0
"""Seconds; a relay that was frozen is replaced after this, and what it then does is refused."""

NO_ACK = 30.0
"""Seconds a batch may fly, broker or no broker, before the connection is made anew."""

AUDIT_EVERY = 30.0
_NEVER = 2**62
SAMPLES = 3
"""Of each partition, the records looked at again by an audit."""


class Reader(Protocol):
    def read(self, after: int, *, limit: int, wait: float) -> Sequence[Outgoing]:
        """Up to `limit` events past position `after`, oldest first; empty after `wait` seconds."""
        ...

    def between(self, first: int, last: int) -> Sequence[Outgoing]:
        """The events at the positions from `first` to `last`, both included, oldest first."""
        ...


class Broker(Protocol):
    def ends(self, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """The offset after the last record of each partition."""
        ...

    def ids(
        self, places: Collection[tuple[str, int, int]]
    ) -> Mapping[tuple[str, int, int], bytes | None]:
        """The `ce_id` of the record at each topic, partition and offset that still holds one."""
        ...


class NotAcknowledged(Exception):
    """The broker did not take what it was sent; it is sent again from the cursor."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where the relay sends: a new producer when asked for one, and a look at what lies there."""

    connect: Callable[[], Any]
    broker: Broker
    prefix: str = ""
    """Before the name of every topic."""


class Relay:
    """One relay has the lease; the others wait for it."""

    def __init__(
        self,
        name: str,
        reader: Reader,
        ledger: RelayLedger,
        outlet: Outlet,
        lost: Callable[[Sequence[Sent]], None],
    ) -> None:
        """`lost` is told of records that the broker acknowledged and does not have."""
        self._name = name
        self._reader = reader
        self._ledger = ledger
        self._outlet = outlet
        self._lost = lost
        self._producer: Any = None
        self._flight: Flight | None = None
        self._token: int | None = None
        self._audited = float("-inf")
        self._ends: dict[tuple[str, int], int] = {}

    def work(self, wait: float) -> int:
        """Send what the log holds past the cursor, at most `wait` seconds; events acknowledged.

        Raises `NotAcknowledged` and `KafkaError` while there is no broker: nothing is lost by it.
        """
        token = self._ledger.acquire(self._name, seconds=LEASE)
        pause = min(wait, LEASE / 5)
        if token is None:
            self.close()
            self._reader.read(_NEVER, limit=1, wait=pause)
            return 0
        if self._flight is None:
            self._take_off(token, pause)
        return 0 if self._flight is None else self._land(self._flight, token, pause)

    @property
    def in_flight(self) -> int:
        """Records handed to the client that the broker has not acknowledged."""
        flight = self._flight
        return 0 if flight is None else flight.missing

    def close(self) -> None:
        """Let go of the connection; what was not acknowledged stays to be sent."""
        producer, self._producer, self._flight = self._producer, None, None
        if producer is not None:
            give_up(producer)

    def _take_off(self, token: int, wait: float) -> None:
        """Send what the log holds past the cursor, if what was sent before is where it should be."""
        if token != self._token:
            self._token, self._audited = token, float("-inf")
        if monotonic() - self._audited > AUDIT_EVERY:
            self._audit(token)
            self._audited = monotonic()
        out = self._reader.read(self._ledger.position(), limit=WINDOW, wait=wait)
        if out:
            messages = [m for each in out for m in messages_of(each, self._outlet.prefix)]
            self._flight = self._launched(messages, out)

    def _launched(
        self, messages: Sequence[Message], out: Sequence[Outgoing], *again: Header
    ) -> Flight:
        """Hand everything over in the order of the log; the client keeps that order."""
        if self._producer is None:
            self._producer = self._outlet.connect()
        for topic in {each.topic for each in messages}:
            # Before the first record: what was handed over before a topic is missed would go again at each try.
            self._producer.partitions_for(topic)
        epoch = "relayepoch", str(self._token).encode()
        futures = [
            self._producer.send(
                each.topic, key=each.key, value=each.value, headers=[*each.headers, epoch, *again]
            )
            for each in messages
        ]
        return Flight(out, messages, futures, monotonic())

    def _land(self, flight: Flight, token: int, wait: float) -> int:
        """Remember what was acknowledged; how many events that is."""
        if not self._landed(flight, wait):
            return 0
        # Where it cannot be remembered it is sent again.
        self._flight = None
        self._remember(flight, token)
        return len(flight.out)

    def _landed(self, flight: Flight, wait: float) -> bool:
        """What takes long goes on flying; the client repeats it."""
        send_off(self._producer, flight.futures, wait)
        if flight.failed or (not flight.landed and monotonic() - flight.started > NO_ACK):
            self.close()
            msg = f"{flight.missing} of {len(flight.messages)} records not acknowledged"
            raise NotAcknowledged(msg)
        return flight.landed

    def _remember(self, flight: Flight, token: int) -> None:
        sent = flight.sent()
        self._notice_what_fell_back(sent, token)
        self._ledger.acknowledged(sent, flight.upto, token=token)

    def _notice_what_fell_back(self, sent: Sequence[Sent], token: int) -> None:
        """A record that lies where another lay, or before it: the broker has lost all from there on."""
        for each in sent:
            place = each.topic, each.partition
            if 0 <= each.offset < self._ends.get(place, 0):
                self._ledger.lose(*place, each.offset, token=token)
                self._audited = float("-inf")
            self._ends[place] = each.offset + 1

    def _audit(self, token: int) -> None:
        """Look whether what was acknowledged still lies there; send again what does not."""
        remembered = self._ledger.ends()
        self._ends = dict(remembered)
        ends = self._outlet.broker.ends(list(remembered))
        whole = {place: min(end, ends.get(place, 0)) for place, end in remembered.items()}
        whole |= dict.fromkeys(self._holding_others(whole), 0)
        for place, there in whole.items():
            if there < remembered[place]:
                self._ledger.lose(*place, there, token=token)
                self._ends[place] = there
        gone = self._ledger.lost()
        if gone:
            self._lost(gone)
            self._send_again(gone, token)

    def _holding_others(self, ends: Mapping[tuple[str, int], int]) -> set[tuple[str, int]]:
        """The partitions in which one of the last records before these ends is not as remembered.

        All are asked for at once: an audit is to be over long before the lease is.
        """
        samples = {
            (sent.topic, sent.partition, sent.offset): sent.event_id
            for place, end in ends.items()
            for sent in self._ledger.latest(*place, limit=SAMPLES)
            if sent.offset < end
        }
        there = self._outlet.broker.ids(samples) if samples else {}
        return {place[:2] for place, found in there.items() if found != samples[place]}

    def _send_again(self, gone: Sequence[Sent], token: int) -> None:
        """In the order of the log; a batch is remembered before the next is sent.

        What an older release told and this one tells elsewhere or not at all, as the raise of an alert
        that was held, is no loss any more.
        """
        for start in range(0, len(gone), WINDOW):
            some = {(each.position, each.topic): each for each in gone[start : start + WINDOW]}
            positions = sorted({position for position, _ in some})
            out = [each for p in positions for each in self._reader.between(p, p)]
            messages = [m for each in out for m in messages_of(each, self._outlet.prefix)]
            again = [each for each in messages if some.pop((each.position, each.topic), None)]
            if some:
                self._ledger.forget(list(some.values()), token=token)
            flight = self._launched(again, (), ("republished", b"1"))
            while not self._landed(flight, LEASE / 5):
                token = self._ledger.acquire(self._name, seconds=LEASE) or token
            self._remember(flight, token)
