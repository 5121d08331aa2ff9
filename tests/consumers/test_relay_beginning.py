"""What a relay looks at before it sends anything; the broker here is a list of what it was asked."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import UnknownTopicOrPartitionError
from kafka.future import Future

from consumers.relay import Outlet, Relay
from consumers.relay_messages import ALERT_REQUESTED
from spowatch.store.outgoing_reader import OutgoingReader
from spowatch.wiring.ledger import opened_ledger
from spowatch.wiring.log import whole_reader
from tests.stories import breach, served_order, store_at, tell

LOOKED = "looked"


class Broker:
    """Takes everything at once, at one partition a topic."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.missing: set[str] = set()
        self.held: dict[tuple[str, int, int], bytes] = {}
        self._sender = SimpleNamespace(force_close=lambda: None)

    def partitions_for(self, topic: str) -> None:
        if topic in self.missing:
            raise UnknownTopicOrPartitionError(topic)

    def send(self, topic: str, *, headers: Sequence[tuple[str, bytes]], **_: object) -> Any:
        self.partitions_for(topic)  # as the library does of each
        self.asked.append(topic)
        place = topic, 0, len(self.held)
        self.held[place] = dict(headers)["ce_id"]
        return Future().success(SimpleNamespace(partition=0, offset=place[2]))

    def flush(self, timeout: float) -> None:
        """Everything is there already."""

    def close(self, timeout: float) -> None:
        """There is nothing to let go of."""

    def ends(self, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        self.asked.append(LOOKED)
        return dict.fromkeys(places, len(self.held))

    def ids(
        self, places: Collection[tuple[str, int, int]]
    ) -> dict[tuple[str, int, int], bytes | None]:
        return {each: self.held.get(each) for each in places}


@contextmanager
def relays(folder: Path, broker: Broker) -> Iterator[tuple[Relay, Relay]]:
    """Two on a log with a breach in it."""
    with store_at(folder) as store, opened_ledger(store.settings, "") as ledger:
        tell(store, "KENT-1", *served_order(), breach())
        outlet = Outlet(lambda: broker, broker)
        reader = OutgoingReader(whole_reader(store.log), store.log)
        made = [Relay(name, reader, ledger, outlet, lambda _: None) for name in ("a", "b")]
        yield made[0], made[1]
        for each in made:
            each.close()


def test_a_topic_that_is_missing_is_noticed_before_anything_is_sent(tmp_path: Path) -> None:
    broker = Broker()
    with relays(tmp_path, broker) as (relay, _):
        broker.missing = {ALERT_REQUESTED}
        for _ in range(3):
            with pytest.raises(UnknownTopicOrPartitionError):
                relay.work(0)
        assert set(broker.asked) == {LOOKED}
        broker.missing.clear()
        assert relay.work(0) > 0
        # Of each record one, though it was begun four times; a topic has an event once.
        sent = [(topic, found) for (topic, *_), found in broker.held.items()]
        assert len(set(sent)) == len(sent)


def test_a_relay_whose_turn_came_anew_looks_at_what_lies_there_before_it_sends(
    tmp_path: Path,
) -> None:
    broker = Broker()
    with relays(tmp_path, broker) as (first, second):
        first.work(0)
        for each in (second, first):
            with each._ledger._writing() as db:  # type: ignore[attr-defined]  # the one in a file
                db.execute("UPDATE lease SET until = 0")
            broker.asked.clear()
            each.work(0)
            assert broker.asked[:1] == [LOOKED]
