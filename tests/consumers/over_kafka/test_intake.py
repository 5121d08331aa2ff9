"""Intake over a real broker: each command once, and what nobody can read is put before a person."""

import json
from collections.abc import Iterable
from typing import Any

from consumers.intake import INTAKE, LARGEST, Intake
from consumers.relay_messages import QUARANTINE
from domain.facts.breaches import BreachReported
from domain.unread import MessageUnread
from tests.consumers.over_kafka.conftest import OverKafka
from tests.consumers.over_kafka.test_over_kafka import relay_all
from tests.servers.kafka_clients import producer
from tests.stories import Fact, breach, served_order, tell

LOOKS = 240
"""Of a quarter of a second; the first that finds anything comes when the broker gets to it."""


def command(order: str, fact: Fact, **more: Any) -> bytes:
    return json.dumps({"order": order, **fact, **more}).encode()


def put(system: OverKafka, values: Iterable[bytes]) -> None:
    with producer(system.broker.bootstrap) as provider:
        for value in values:
            provider.send(system.transport.prefix + INTAKE, value=value).get(timeout=60)


def take_in(intake: Intake, wanted: int) -> int:
    """Look until so many were taken in, and twice more; how many were."""
    taken = 0
    for _ in range(LOOKS):
        taken += intake.work(0.25)
        if taken >= wanted:
            break
    return taken + intake.work(0.25) + intake.work(0.25)


def reported(system: OverKafka) -> int:
    return len(system.store.log.select_notifications(1, 10_000, topics=[BreachReported.TOPIC]))


def unread(system: OverKafka) -> list[MessageUnread]:
    stored = system.store.log.select_notifications(1, 10_000, topics=[MessageUnread.TOPIC])
    events = (system.store.mapper.to_domain_event(each).event for each in stored)
    return [event for event in events if isinstance(event, MessageUnread)]


def test_a_report_from_the_broker_is_on_record_once_however_often_it_is_read(
    over_kafka: OverKafka,
) -> None:
    tell(over_kafka.store, "KENT-1", *served_order())
    put(over_kafka, [command("KENT-1", breach(incident="one"))])
    first = over_kafka.intake()
    first._records.pass_over = _dies  # type: ignore[method-assign]  # it dies there
    died = 0
    for _ in range(LOOKS):
        try:
            first.work(0.25)
        except RuntimeError:
            died += 1
            break
    assert (died, reported(over_kafka)) == (1, 1)
    assert take_in(over_kafka.intake(), 1) == 1
    assert reported(over_kafka) == 1


def _dies(upto: object) -> None:
    msg = "killed after the effect"
    raise RuntimeError(msg)


def test_the_same_command_sent_twice_is_one_report(over_kafka: OverKafka) -> None:
    tell(over_kafka.store, "KENT-1", *served_order())
    twice = command("KENT-1", breach(incident="one"), command_id="provider-7")
    put(over_kafka, [twice, twice])
    assert take_in(over_kafka.intake(), 2) == 2
    assert reported(over_kafka) == 1


def test_malformed_commands_hold_up_no_good_one_and_are_put_before_a_person(
    over_kafka: OverKafka,
) -> None:
    tell(over_kafka.store, "KENT-1", *served_order())
    bad = [
        b"",
        b"\xff\xfe",
        b"BREACH: he is at the door",
        b"[1, 2",
        b'{"order": "KENT-1"}',
        command("KENT-1", breach(condition="P-NO-SUCH-TERM")),
        b" " * (LARGEST + 1),
    ]
    good = [command("KENT-1", breach(incident=f"incident-{n}")) for n in range(5)]
    put(over_kafka, [each for pair in zip(bad, [*good, *good[:2]], strict=True) for each in pair])
    assert take_in(over_kafka.intake(), 14) == 14
    assert reported(over_kafka) == 5
    assert len(unread(over_kafka)) == len(bad)
    assert "door" not in repr(unread(over_kafka))


def test_what_could_not_be_read_goes_to_the_quarantine_topic_without_what_it_holds(
    over_kafka: OverKafka,
) -> None:
    put(over_kafka, [b"BREACH: he is at the door"])
    take_in(over_kafka.intake(), 1)
    relay_all(over_kafka.relay())
    (record,) = over_kafka.records(QUARANTINE)
    told = json.loads(record.value)
    assert (told["offset"], told["reader"]) == (0, "intake")
    assert told["topic"] == over_kafka.transport.prefix + INTAKE
    assert len(told["sha256"]) == 64
    assert b"door" not in record.value


def test_a_report_on_an_order_nobody_knows_is_kept(over_kafka: OverKafka) -> None:
    put(over_kafka, [command("NEW-ORDER", breach(incident="one"))])
    take_in(over_kafka.intake(), 1)
    assert reported(over_kafka) == 1
    assert unread(over_kafka) == []


def test_a_command_that_could_not_be_told_is_told_again_by_the_same_intake(
    over_kafka: OverKafka,
) -> None:
    tell(over_kafka.store, "KENT-1", *served_order())
    put(over_kafka, [command("KENT-1", breach(incident=f"incident-{n}")) for n in range(3)])
    intake = over_kafka.intake()
    whole, intake._told = intake._told, _dies_for_a_moment
    died = 0
    while not died:
        try:
            intake.work(0.25)
        except RuntimeError:
            died += 1
    intake._told = whole
    take_in(intake, 3)
    assert reported(over_kafka) == 3


def _dies_for_a_moment(command: bytes, *, once: str, order: bytes | None) -> str | None:
    msg = "the database is away"
    raise RuntimeError(msg)
