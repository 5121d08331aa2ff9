"""Over a real broker: nothing personal leaves, nothing is lost, and nothing is raised twice."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from kafka.partitioner import murmur2

from consumers.desk_worker import DeskWorker
from consumers.relay import AUDIT_EVERY, NotAcknowledged, Relay
from consumers.relay_ledger import LeaseLost, Sent
from consumers.relay_messages import ALERT_OUTCOME, ALERT_REQUESTED, ORDER_EVENTS
from domain.alerts import AlertRaised
from domain.desk.case import AlertCase
from domain.desk.hands import DeskRole, Hand
from domain.desk.reading import read_case
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import SuppressionKind, Wish
from domain.dossier import order_id
from domain.events import event_id
from domain.open_alerts import open_alerts
from domain.unread import MessageUnread
from spowatch.wiring.store import now
from tests.consumers.over_kafka.conftest import PARTITIONS, OverKafka
from tests.servers.kafka_clients import admin, producer
from tests.stories import breach, served_order, tell

PATIENCE = 240
"""Looks of a quarter of a second."""

SUPERVISOR = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")

PERSONAL = (b"Alan", b"Vera", b"High Street", b"Hidden Lane", b"1992-03-04")


def alerts(system: OverKafka) -> int:
    return len(system.store.log.select_notifications(1, 1000, topics=[AlertRaised.TOPIC]))


def relay_all(relay: Relay) -> int:
    """Until nothing is left to send, and the broker has answered for all of it, however long that takes."""
    sent = 0
    while (found := relay.work(0.5)) or relay._flight is not None:
        sent += found
    return sent


def desk_until(system: OverKafka, desk: DeskWorker, wanted: int) -> int:
    for _ in range(PATIENCE):
        if alerts(system) >= wanted:
            break
        desk.work(0.25)
    return alerts(system)


def breaches(system: OverKafka, count: int) -> None:
    for number in range(count):
        tell(system.store, f"KENT-{number}", *served_order(), breach())


def test_a_breach_goes_over_the_broker_and_is_raised_once(over_kafka: OverKafka) -> None:
    breaches(over_kafka, 1)
    relay, desk = over_kafka.relay(), over_kafka.desk()
    assert relay_all(relay) > 0
    assert desk_until(over_kafka, desk, 1) == 1
    relay_all(relay)
    assert len(over_kafka.records(ALERT_OUTCOME)) == 1


def test_the_raise_of_an_alert_that_is_held_leaves_when_the_hold_is_over_and_once(
    over_kafka: OverKafka,
) -> None:
    held_for_an_hour(over_kafka, "KENT-0")
    breaches(over_kafka, 2)
    relay, desk = over_kafka.relay(), over_kafka.desk()
    relay_all(relay)
    assert desk_until(over_kafka, desk, 2) == 2
    relay_all(relay)
    [free] = over_kafka.records(ALERT_OUTCOME)
    [case] = [each for each in open_alerts(over_kafka.store.register) if each.holding.until]
    assert dict(free.headers)["ce_subject"] != str(case.id).encode()
    for _ in range(2):
        case = read_case(over_kafka.store.register, case.id)
        case.advance(over_at(case))
        over_kafka.store.register.keep([case])
        relay_all(relay)
    told = [dict(each.headers) for each in over_kafka.records(ALERT_OUTCOME) if each != free]
    raised = event_id(case.id, 1)
    assert [(each["ce_id"].decode(), each["ce_type"].decode()) for each in told] == [(str(raised), AlertRaised.TOPIC)]  # fmt: skip
    assert len(over_kafka.records(ALERT_REQUESTED)) == 2


def held_for_an_hour(system: OverKafka, reference: str) -> None:
    """Contact on that order alone, for an hour from now on."""
    wish = Wish(
        SuppressionKind.MAINTENANCE,
        ["P-CONTACT-DIRECT"],
        "tag being replaced",
        timedelta(hours=1),
        order_id(reference),
    )
    SuppressionDesk(system.store.register).decide(wish, SUPERVISOR, now())


def over_at(case: AlertCase) -> datetime:
    """When the sweep has something to record: the end of the hold, or a step of the escalation."""
    assert case.next_change is not None
    return case.next_change


def test_nothing_personal_leaves_and_an_order_keeps_its_order(over_kafka: OverKafka) -> None:
    breaches(over_kafka, 5)
    relay_all(over_kafka.relay())
    versions: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for record in over_kafka.records(ORDER_EVENTS):
        held = record.value + b"".join(value for _, value in record.headers)
        assert not [word for word in PERSONAL if word in held]
        version = int(dict(record.headers)["ce_ordersequence"])
        versions[record.key].append((record.partition, version))
    assert len(versions) == 5
    for key, lies in versions.items():
        # Where every client, in any language, looks for that key.
        assert {partition for partition, _ in lies} == {(murmur2(key) & 0x7FFFFFFF) % PARTITIONS}
        assert [version for _, version in lies] == sorted(version for _, version in lies)


def test_a_record_does_not_wait_for_company(
    over_kafka: OverKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long records may linger: it goes when the last of its flight is there."""
    monkeypatch.setattr("consumers.relay_producer.LINGER", 600)
    breaches(over_kafka, 1)
    relay = over_kafka.relay()
    assert any(relay.work(0.5) for _ in range(PATIENCE))


def test_a_relay_that_died_before_its_cursor_sends_again_and_nothing_is_raised_twice(
    over_kafka: OverKafka,
) -> None:
    breaches(over_kafka, 2)
    dying = over_kafka.relay()
    dying._ledger.acknowledged = _dies  # type: ignore[method-assign]  # it dies there
    with pytest.raises(RuntimeError):
        relay_all(dying)
    dying.close()
    release_lease(over_kafka)
    relay_all(over_kafka.relay())
    assert len(over_kafka.records(ALERT_REQUESTED)) == 4
    desk = over_kafka.desk()
    assert desk_until(over_kafka, desk, 2) == 2
    for _ in range(4):
        desk.work(0.25)
    assert alerts(over_kafka) == 2


def _dies(*_: object, **__: object) -> None:
    msg = "killed"
    raise RuntimeError(msg)


def release_lease(system: OverKafka) -> None:
    """As if the five seconds of whoever holds it had passed."""
    ledger = system.relay()._ledger
    with ledger._writing() as db:  # type: ignore[attr-defined]  # the one in a file
        db.execute("UPDATE lease SET until = 0")


def test_a_second_relay_waits_and_one_that_lost_its_lease_is_refused(
    over_kafka: OverKafka,
) -> None:
    breaches(over_kafka, 1)
    first, second = over_kafka.relay(), over_kafka.relay()
    assert relay_all(first) > 0
    assert second.work(0) == 0
    release_lease(over_kafka)
    relay_all(second)
    with pytest.raises(LeaseLost):
        first._ledger.acknowledged([], 10**6, token=first._token or 0)


def test_what_the_broker_acknowledged_and_lost_is_sent_again_in_order(
    over_kafka: OverKafka,
) -> None:
    breaches(over_kafka, 6)
    relay, desk = over_kafka.relay(), over_kafka.desk()
    lost: list[Sequence[Sent]] = []
    relay._lost = lost.append
    relay_all(relay)
    before = {topic: len(over_kafka.records(topic)) for topic in (ORDER_EVENTS, ALERT_REQUESTED)}
    with admin(over_kafka.broker.bootstrap) as client:
        client.delete_topics([over_kafka.transport.prefix + topic for topic in before])
    over_kafka.make_topics_again(before)
    relay._audited -= 2 * AUDIT_EVERY
    relay_all(relay)
    assert sum(map(len, lost)) == sum(before.values())
    assert {topic: len(over_kafka.records(topic)) for topic in before} == before
    assert desk_until(over_kafka, desk, 6) == 6


def test_a_desk_goes_on_after_a_topic_was_made_again(over_kafka: OverKafka) -> None:
    breaches(over_kafka, 3)
    relay, desk = over_kafka.relay(), over_kafka.desk()
    relay_all(relay)
    assert desk_until(over_kafka, desk, 3) == 3
    with admin(over_kafka.broker.bootstrap) as client:
        client.delete_topics([over_kafka.transport.prefix + ALERT_REQUESTED])
    over_kafka.make_topics_again([ALERT_REQUESTED])
    desk._feed.rewind()
    tell(over_kafka.store, "KENT-0", breach(incident="another"))
    relay_all(relay)
    assert desk_until(over_kafka, desk, 4) == 4


def test_two_desks_side_by_side_raise_each_alert_once(over_kafka: OverKafka) -> None:
    breaches(over_kafka, 4)
    relay_all(over_kafka.relay())
    first, second = over_kafka.desk(), over_kafka.desk()
    for _ in range(PATIENCE):
        first.work(0.1)
        second.work(0.1)
        if alerts(over_kafka) == 4:
            break
    assert alerts(over_kafka) == 4


def test_a_record_nobody_can_read_is_put_before_a_person_once_and_holds_up_nothing(
    over_kafka: OverKafka,
) -> None:
    topic = over_kafka.transport.prefix + ALERT_REQUESTED
    with producer(over_kafka.broker.bootstrap) as rogue:
        for value, headers in (
            (b"BREACH REPORTED", []),
            (b"{}", [("ce_id", b"x"), ("ce_type", b"y")]),
            (b"{}", forged()),
        ):
            rogue.send(topic, value=value, headers=headers).get(timeout=60)
    breaches(over_kafka, 1)
    relay_all(over_kafka.relay())
    assert desk_until(over_kafka, over_kafka.desk(), 1) == 1
    for name in ("arrest-desk", "another-desk"):
        desk = over_kafka.desk(name)
        for _ in range(8):
            desk.work(0.25)
    stored = over_kafka.store.log.select_notifications(1, 1000, topics=[MessageUnread.TOPIC])
    unread = [over_kafka.store.mapper.to_domain_event(each).event for each in stored]
    reasons = sorted({event.reason for event in unread if isinstance(event, MessageUnread)})
    assert len(unread) == 3
    assert reasons == [
        "ce_id is not the id of the event at that place",
        "the header ce_sequence is missing",
    ]
    assert b"BREACH REPORTED" not in b"".join(each.state for each in stored)


def forged() -> list[tuple[str, bytes]]:
    told = {
        "ce_id": uuid4(),
        "ce_type": "spo.breach-recorded.v1",
        "ce_subject": uuid4(),
        "ce_sequence": 7,
        "ce_ordersequence": 1,
    }
    return [(name, str(value).encode()) for name, value in told.items()]


def test_a_relay_without_a_broker_says_so_and_loses_nothing(over_kafka: OverKafka) -> None:
    breaches(over_kafka, 1)
    relay = over_kafka.relay()
    with closing(relay):
        working = relay._outlet
        relay._outlet = _Nowhere()  # type: ignore[assignment]  # it can reach nobody
        with pytest.raises(NotAcknowledged):
            relay.work(0)
        relay._outlet = working
        assert relay_all(relay) > 0


class _Nowhere:
    prefix = ""

    def connect(self) -> object:
        msg = "no broker"
        raise NotAcknowledged(msg)

    @property
    def broker(self) -> "_Nowhere":
        return self

    def ends(self, _: object) -> dict[tuple[str, int], int]:
        return {}
