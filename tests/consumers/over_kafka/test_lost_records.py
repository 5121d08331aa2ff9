"""A broker that loses what it acknowledged, and a log put back to before what the broker tells of."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from uuid import uuid4

import pytest
from eventsourcing.persistence import Tracking

from consumers.relay import Relay
from consumers.relay_ledger import Sent
from consumers.relay_messages import ALERT_OUTCOME, ALERT_REQUESTED, ORDER_EVENTS
from domain.alerts import AlertRaised
from domain.events import event_id
from domain.facts.service import OrderServed
from domain.parked import EventParked
from tests.consumers.over_kafka.conftest import OverKafka
from tests.consumers.over_kafka.test_over_kafka import (
    PATIENCE,
    alerts,
    breaches,
    desk_until,
    held_for_an_hour,
    relay_all,
)
from tests.servers.kafka_clients import admin, producer
from tests.stories import breach, tell

_TAKES_NOTHING = (
    "CREATE TRIGGER takes_nothing BEFORE INSERT ON sent BEGIN SELECT RAISE(ABORT, 'no'); END"
)


def ids(system: OverKafka, topic: str) -> set[bytes]:
    return {dict(record.headers)["ce_id"] for record in system.records(topic)}


def test_a_record_where_another_lay_tells_at_once_that_the_broker_lost_some(
    over_kafka: OverKafka,
) -> None:
    """No audit is due: what is sent next shows it."""
    breaches(over_kafka, 6)
    relay = over_kafka.relay()
    lost: list[Sequence[Sent]] = []
    relay._lost = lost.append
    relay_all(relay)
    before = {topic: ids(over_kafka, topic) for topic in (ORDER_EVENTS, ALERT_REQUESTED)}
    with admin(over_kafka.broker.bootstrap) as client:
        client.delete_topics([over_kafka.transport.prefix + topic for topic in before])
    over_kafka.make_topics_again(before)
    for number in range(6):
        tell(over_kafka.store, f"KENT-{number}", breach(incident="another"))
    relay_all(relay)
    relay.work(0)
    assert lost
    for topic, known in before.items():
        assert ids(over_kafka, topic) > known


def test_what_could_not_be_remembered_is_sent_again(
    over_kafka: OverKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails to take what became of the first of several flights."""
    monkeypatch.setattr("consumers.relay.WINDOW", 4)
    breaches(over_kafka, 2)
    relay = over_kafka.relay()

    with closing(sqlite3.connect(over_kafka.store.settings.relay_path)) as ledger:
        ledger.execute(_TAKES_NOTHING)
        with pytest.raises(sqlite3.IntegrityError):
            until_it_fails(relay)
        ledger.execute("DROP TRIGGER takes_nothing")
    relay_all(relay)
    topic = over_kafka.transport.prefix + ORDER_EVENTS
    places = [place for place in relay._ledger.ends() if place[0] == topic]
    kept = {each.position for p in places for each in relay._ledger.latest(*p, limit=100)}
    there = [int(dict(r.headers)["ce_sequence"]) for r in over_kafka.records(ORDER_EVENTS)]
    assert kept == set(there)
    assert len(there) > len(kept)


def until_it_fails(relay: Relay) -> None:
    for _ in range(PATIENCE):
        relay.work(0.5)


def test_what_an_older_release_told_and_this_one_does_not_is_lost_once_and_not_for_ever(
    over_kafka: OverKafka,
) -> None:
    """It sent the raise of an alert that was held; now that waits until the hold is over."""
    held_for_an_hour(over_kafka, "KENT-0")
    breaches(over_kafka, 1)
    relay, desk = over_kafka.relay(), over_kafka.desk()
    lost: list[Sequence[Sent]] = []
    relay._lost = lost.append
    relay_all(relay)
    assert desk_until(over_kafka, desk, 1) == 1
    relay_all(relay)
    [raised] = over_kafka.store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC])
    assert relay._token is not None
    older = Sent(raised.id, over_kafka.transport.prefix + ALERT_OUTCOME, 0, 5, b"")
    relay._ledger.acknowledged([older], 0, token=relay._token)
    for _ in range(2):
        relay._audited = float("-inf")
        relay.work(0)
    assert [[each.position for each in told] for told in lost] == [[raised.id]]
    assert not over_kafka.records(ALERT_OUTCOME)


def test_a_desk_whose_place_the_broker_no_longer_reaches_reads_anew(over_kafka: OverKafka) -> None:
    """A node that came back with fewer records than it had; the next lie before the bookmark."""
    breaches(over_kafka, 3)
    relay, desk = over_kafka.relay(), over_kafka.desk()
    relay_all(relay)
    assert desk_until(over_kafka, desk, 3) == 3
    for bookmark in desk._feed._records._bookmarks.values():  # type: ignore[attr-defined]  # the feed over the broker
        over_kafka.store.log.insert_tracking(Tracking(bookmark, 10_000))
    again = over_kafka.desk()
    tell(over_kafka.store, "KENT-0", breach(incident="another"))
    relay_all(relay)
    assert desk_until(over_kafka, again, 4) == 4
    third = over_kafka.desk()
    tell(over_kafka.store, "KENT-1", breach(incident="one more"))
    relay_all(relay)
    assert desk_until(over_kafka, third, 5) == 5


def send_to_each_partition(system: OverKafka, kind: str) -> None:
    """A message about an event that the log does not hold."""
    stream = uuid4()
    told = {
        "ce_id": event_id(stream, 7),
        "ce_type": kind,
        "ce_subject": stream,
        "ce_sequence": 4711,
        "ce_ordersequence": 7,
    }
    headers = [(name, str(value).encode()) for name, value in told.items()]
    with producer(system.broker.bootstrap) as future:
        topic = system.transport.prefix + ALERT_REQUESTED
        for partition in range(3):
            sent = future.send(topic, value=b"{}", headers=headers, partition=partition)
            sent.get(timeout=60)


def test_a_finding_the_log_does_not_hold_is_put_before_a_person_and_holds_up_nothing(
    over_kafka: OverKafka,
) -> None:
    """The log was put back to an earlier day; the broker still tells of the days after."""
    send_to_each_partition(over_kafka, "spo.breach-recorded.v1")
    breaches(over_kafka, 3)
    relay_all(over_kafka.relay())
    desk = over_kafka.desk()
    assert desk_until(over_kafka, desk, 3) == 3
    for _ in range(4):
        desk.work(0.25)
    parked = over_kafka.store.log.select_notifications(1, 1000, topics=[EventParked.TOPIC])
    assert len(parked) == 1
    assert alerts(over_kafka) == 3


def test_a_place_passed_before_the_connection_broke_is_not_saved_after_it(
    over_kafka: OverKafka,
) -> None:
    """Where the broker lost its tail, other records lie there now, and nobody would read them."""
    send_to_each_partition(over_kafka, OrderServed.TOPIC)
    desk = over_kafka.desk()
    records = desk._feed._records  # type: ignore[attr-defined]  # the feed over the broker
    assert any(desk.work(0.25) for _ in range(PATIENCE))
    records.close()
    desk._passed_by.settle()
    bookmarks = records._bookmarks.values()
    assert [over_kafka.store.log.max_tracking_id(each) for each in bookmarks] == [None] * 3
