"""What every log promises, whatever it is kept in; each test is given an empty one as `log`."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking

from domain.published import OrderEvent
from tests.store.other_processes import stored

Log = Any
"""SqliteLog and PostgresLog have no ancestor of ours in common."""


class LogContract:
    def test_a_conflict_names_the_stream_and_stores_nothing(self, log: Log) -> None:
        order, other = uuid4(), uuid4()
        log.insert_events([stored(order)])
        with pytest.raises(IntegrityError, match=str(order)):
            log.insert_events([stored(other), stored(order)])
        assert log.select_events(other) == []
        [position] = log.insert_events([stored(other)])
        assert position == log.max_notification_id()

    def test_one_save_cannot_hold_the_same_version_twice(self, log: Log) -> None:
        order = uuid4()
        with pytest.raises(IntegrityError, match=str(order)):
            log.insert_events([stored(order), stored(order)])
        assert log.select_events(order) == []

    def test_positions_are_told_in_the_order_of_the_events(self, log: Log) -> None:
        for count in (1, 2, 30, 500):
            order = uuid4()
            positions = log.insert_events([stored(order, version) for version in range(count)])
            assert list(positions) == sorted(set(positions))
            found = log.select_notifications(positions[0], count)
            assert [each.id for each in found] == list(positions)
            assert [each.originator_version for each in found] == list(range(count))

    def test_events_and_bookmark_are_kept_together_or_not_at_all(self, log: Log) -> None:
        order = uuid4()
        log.insert_events([stored(order)], tracking=Tracking("upstream", 5))
        with pytest.raises(IntegrityError, match="already gone past position 5"):
            log.insert_events([stored(order, 2)], tracking=Tracking("upstream", 5))
        with pytest.raises(IntegrityError):
            log.insert_events([stored(order)], tracking=Tracking("upstream", 6))
        assert len(log.select_events(order)) == 1
        assert log.max_tracking_id("upstream") == 5

    def test_a_large_save_and_its_bookmark_are_kept_together_or_not_at_all(self, log: Log) -> None:
        order, other = uuid4(), uuid4()
        many = [stored(order, version) for version in range(1, 1001)]
        log.insert_events(many, tracking=Tracking("upstream", 5))
        assert log.select_events(order) == many
        others = [stored(other, version) for version in range(1, 1001)]
        with pytest.raises(IntegrityError, match="already gone past position 4"):
            log.insert_events(others, tracking=Tracking("upstream", 4))
        with pytest.raises(IntegrityError, match=str(order)):
            log.insert_events([*others, stored(order, 1000)], tracking=Tracking("upstream", 6))
        assert log.select_events(other) == []
        assert log.max_tracking_id("upstream") == 5

    def test_a_bookmark_alone_only_ever_moves_on(self, log: Log) -> None:
        log.insert_tracking(Tracking("upstream", 7))
        with pytest.raises(IntegrityError, match="already gone past position 7"):
            log.insert_tracking(Tracking("upstream", 7))
        log.insert_tracking(Tracking("upstream", 2**40))
        assert log.max_tracking_id("upstream") == 2**40
        assert log.max_tracking_id("nobody") is None
        assert log.bookmarks()["upstream"] == 2**40

    def test_saving_nothing_is_no_error(self, log: Log) -> None:
        assert list(log.insert_events([])) == []
        assert log.max_notification_id() is None

    def test_many_streams_are_read_at_once(self, log: Log) -> None:
        one, two, none = uuid4(), uuid4(), uuid4()
        written = [stored(one), stored(two), stored(one, 2)]
        log.insert_events(written)
        streams = log.select_streams([two, none, one])
        assert streams == {two: [written[1]], none: [], one: [written[0], written[2]]}
        assert list(streams) == [two, none, one]
        crowd = [uuid4() for _ in range(25_000)]
        assert log.select_streams([*crowd, one])[one] == [written[0], written[2]]
        assert log.select_streams([]) == {}

    def test_of_many_streams_only_the_events_asked_for_are_read(self, log: Log) -> None:
        one, two = uuid4(), uuid4()
        written = [StoredEvent(one, n, f"test.{n}.v1", b"") for n in (1, 2, 3)]
        log.insert_events([*written, stored(two)])
        found = log.select_streams([two, one], frozenset({"test.1.v1", "test.3.v1"}))
        assert found == {two: [], one: [written[0], written[2]]}

    def test_only_what_is_new_in_a_stream_is_read(self, log: Log) -> None:
        one, two = uuid4(), uuid4()
        written = [stored(one, version) for version in (1, 2, 3)]
        log.insert_events([*written, stored(two)])
        assert log.select_past({one: 1, two: 1, uuid4(): 0}) == {one: written[1:]}
        assert log.select_past({}) == {}

    def test_references_say_where_events_are_and_not_what_they_hold(self, log: Log) -> None:
        one, two = uuid4(), uuid4()
        places = log.insert_events([stored(one), stored(two), stored(one, 2)])
        topic = stored(one).topic
        assert log.select_references(places[0], 10) == [
            OrderEvent(places[1], topic, two, 1),
            OrderEvent(places[2], topic, one, 2),
        ]
        assert len(log.select_references(0, 2)) == 2

    def test_the_place_of_an_event_is_found_by_its_stream_and_version(self, log: Log) -> None:
        order, other = uuid4(), uuid4()
        positions = log.insert_events([stored(order), stored(other), stored(order, 2)])
        assert log.place_of(order, 2) == positions[2]
        assert log.place_of(other, 1) == positions[1]
        assert log.place_of(other, 2) is None

    def test_what_was_stored_comes_back_byte_for_byte(self, log: Log) -> None:
        order = uuid4()
        odd = [
            StoredEvent(order, 1, "test.odd.v1", b""),
            StoredEvent(order, 2, "test.ödd.v1", bytes(range(256))),
            StoredEvent(order, 2**31 - 1, "", b"'\\;--"),
        ]
        log.insert_events(odd)
        assert log.select_events(order) == odd
        named = [StoredEvent("order ü", version, "test.named.v1", b"\0") for version in range(300)]
        log.insert_events(named)
        assert log.select_events("order ü") == named

    def test_what_the_log_cannot_keep_is_not_dropped_silently(self, log: Log) -> None:
        with pytest.raises(TypeError, match="snapshot"):
            log.insert_events([stored(uuid4())], snapshot=True)

    def test_nobody_subscribes(self, log: Log) -> None:
        with pytest.raises(NotImplementedError, match="LogReader"):
            log.subscribe()

    def test_of_threads_that_race_for_a_version_one_wins_and_the_others_lose_alone(
        self, log: Log
    ) -> None:
        order = uuid4()

        def race(racer: int) -> bool:
            """Each also has something of its own to save, which no other's loss takes away."""
            mine = UUID(int=racer)
            for version in range(1, 21):
                log.insert_events([stored(mine, version)])
                try:
                    log.insert_events([stored(order, version), stored(mine, version + 100)])
                except IntegrityError:
                    assert log.select_events(mine, gt=version + 99, lte=version + 100) == []
            return len(log.select_events(mine, lte=20)) == 20

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(race, range(8)))
        versions = [each.originator_version for each in log.select_events(order)]
        assert versions == list(range(1, 21))
        late = [log.select_events(UUID(int=racer), gt=100) for racer in range(8)]
        assert sum(map(len, late)) == 20
