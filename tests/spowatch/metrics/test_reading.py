"""What a feed and the log's writes count, on the real store."""

from pathlib import Path

import pytest
from eventsourcing.persistence import IntegrityError
from prometheus_client import CollectorRegistry

from consumers.log_feed import LogFeed
from spowatch.log_pages import alerts_raised
from spowatch.metrics.reading import MeasuredFeed
from spowatch.metrics.roles import RoleMeters
from spowatch.running.register import role
from tests.stories import breach, served_order, store_at, tell, work_until_idle


def test_a_feed_counts_what_it_hands_over_and_what_it_hands_over_again(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        head = store.log.max_notification_id() or 0
        feed = MeasuredFeed(
            LogFeed("reader", store.events, store.log), RoleMeters(registry).of("alert")
        )
        feed.read(limit=100, wait=0)
        again = feed.read(limit=100, wait=0)
        feed.commit(again[-1])
        assert not feed.read(limit=100, wait=0)

    def told(name: str) -> float | None:
        return registry.get_sample_value(name, {"role": "alert"})

    assert told("spo_role_events_total") == 2 * head
    assert told("spo_role_repeats_total") == head
    assert told("spo_role_position") == head
    assert told("spo_role_handling_seconds_count") == 2


def test_what_the_desk_reads_is_counted_once(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        head = store.log.max_notification_id()
        with role("alert", store.of("alert"), lambda _: None) as work:
            work(0)
        read = store.meters.registry.get_sample_value("spo_role_events_total", {"role": "alert"})
        assert read == head


def test_a_write_is_counted_and_one_that_came_second_as_refused(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        head = store.log.max_notification_id()
        told = store.meters.registry.get_sample_value
        assert told("spo_log_events_written_total") == head
        assert told("spo_log_writes_refused_total") == 0
        again = list(store.register.events.get(next(alerts_raised(store))[1]))
        with pytest.raises(IntegrityError):
            store.register.events.put(again)
        assert told("spo_log_writes_refused_total") == 1
        assert told("spo_log_writes_failed_total") == 0
