"""What every feed promises a consumer (consumers/feed.py), whatever lies behind it."""

from time import monotonic
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from consumers.feed import TrackedFeed
from domain.events import Envelope
from domain.findings import BreachRecorded
from domain.published import OrderEvent
from domain.unread import MessageUnread, UnreadMessage, read_unread
from spowatch.open_store import Store
from tests.stories import NOW

PATIENCE = 240
"""Reads of a quarter of a second until what was published must have come."""
WAIT = 0.2
LONGEST_WAIT = 2.0
"""Seconds for such a wait, the least of a few: one by itself is long where the machine is busy."""


class House(Protocol):
    store: Store

    def publish(self, breaches: int) -> None:
        """Put that many breaches of one order on record, and where the feed reads."""
        ...

    def feed(self) -> TrackedFeed:
        """The consumer's feed as another process would open it."""
        ...


Found = list[UUID]


def read(feed: TrackedFeed, limit: int = 100) -> list[OrderEvent]:
    """The next batch that there is; empty when nothing comes."""
    for _ in range(PATIENCE):
        events = list(feed.read(limit=limit, wait=0.25))
        if events:
            return events
    return []


def commit_by(feed: TrackedFeed, events: list[OrderEvent]) -> None:
    feed.commit(events[-1])


def all_found(feed: TrackedFeed, wanted: int, limit: int = 100) -> Found:
    """Every finding until so many were there, each batch committed."""
    found: Found = []
    for _ in range(PATIENCE):
        events = list(feed.read(limit=limit, wait=0.25))
        assert len(events) <= limit
        found += [each.event_id for each in events if each.topic == BreachRecorded.TOPIC]
        if events:
            commit_by(feed, events)
        elif len(found) >= wanted:
            break
    return found


def recorded(house: House) -> Found:
    """The findings as the log has them, in its order."""
    events = house.store.events.read(0, limit=1000, wait=0)
    return [each.event_id for each in events if each.topic == BreachRecorded.TOPIC]


def effect(identity: UUID | None = None) -> UnreadMessage:
    """Something to be saved with the bookmark."""
    place = {"topic": "t", "partition": 0, "offset": 0, "reader": "r", "reason": "r", "sha256": ""}
    stream = UnreadMessage(identity or uuid4())
    at = Envelope(occurred_at=NOW, recorded_at=NOW, entered_at=NOW, actor="r", role="reader")
    stream.meet(MessageUnread.model_validate(place), at)
    return stream


def is_saved(house: House, stream: Any) -> bool:
    try:
        read_unread(house.store.register, stream.id)
    except LookupError:
        return False
    return True


class FeedContract:
    def test_everything_comes_once_and_in_order(self, house: House) -> None:
        house.publish(5)
        assert all_found(house.feed(), 5, limit=2) == recorded(house)

    def test_what_was_committed_never_comes_again_and_what_was_not_does(self, house: House) -> None:
        house.publish(3)
        first = house.feed()
        done = read(first, limit=1)
        commit_by(first, done)
        waiting = read(first, limit=1)
        assert waiting
        again = house.feed()
        assert read(again, limit=1) == waiting

    def test_a_batch_that_was_not_committed_is_delivered_again_by_the_same_feed(
        self, house: House
    ) -> None:
        house.publish(3)
        feed = house.feed()
        failed = read(feed, limit=2)
        assert read(feed, limit=2) == failed
        assert all_found(feed, 3) == recorded(house)

    def test_it_says_whether_more_was_waiting_than_it_gave(self, house: House) -> None:
        house.publish(3)
        feed, more = house.feed(), [True]
        for _ in range(PATIENCE):
            events = list(feed.read(limit=1 if len(more) < 3 else 100, wait=0.25))
            if events:
                more.append(feed.more)
                commit_by(feed, events)
            elif not more[-1]:
                break
        assert any(more[1:])
        assert not more[-1]

    def test_the_first_part_of_a_batch_may_be_committed_alone(self, house: House) -> None:
        house.publish(4)
        feed = house.feed()
        batch = read(feed)
        feed.commit(batch[0])
        assert read(feed)[: len(batch) - 1] == batch[1:]

    def test_bookmark_and_effect_are_one_transaction(self, house: House) -> None:
        house.publish(2)
        feed, kept = house.feed(), effect()
        batch = read(feed, limit=1)
        house.store.register.keep([kept], feed.tracking(batch[-1]))
        feed.committed(batch[-1])
        assert is_saved(house, kept)
        assert read(house.feed(), limit=1) != batch

    def test_an_effect_that_is_refused_leaves_the_bookmark_where_it_was(self, house: House) -> None:
        house.publish(2)
        feed, kept = house.feed(), effect()
        house.store.register.keep([kept])
        twice = effect(kept.id)
        batch = read(feed, limit=1)
        with pytest.raises(IntegrityError):
            house.store.register.keep([twice], feed.tracking(batch[-1]))
        assert read(house.feed(), limit=1) == batch

    def test_a_second_instance_that_comes_later_is_refused_with_its_effect(
        self, house: House
    ) -> None:
        house.publish(3)
        first, second, late = house.feed(), house.feed(), effect()
        batch = read(second, limit=1)
        assert read(first, limit=1) == batch
        commit_by(first, batch)
        with pytest.raises(IntegrityError):
            house.store.register.keep([late], second.tracking(batch[-1]))
        assert not is_saved(house, late)
        second.rewind()
        assert read(second, limit=1) != batch
        assert read(second)

    def test_where_there_is_nothing_it_waits_no_longer_than_it_was_told(self, house: House) -> None:
        feed = house.feed()
        assert feed.read(limit=10, wait=0) == []
        waits: list[float] = []
        while min(waits, default=LONGEST_WAIT) >= LONGEST_WAIT and len(waits) < 20:
            began = monotonic()
            assert feed.read(limit=10, wait=WAIT) == []
            waits.append(monotonic() - began)
        assert min(waits) < LONGEST_WAIT

    def test_what_comes_while_it_waits_is_delivered(self, house: House) -> None:
        feed = house.feed()
        assert feed.read(limit=10, wait=0) == []
        house.publish(1)
        assert all_found(feed, 1) == recorded(house)
