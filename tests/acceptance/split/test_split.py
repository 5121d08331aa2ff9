"""Split over PostgreSQL and Kafka: every breach is one alert, whatever is killed meanwhile."""

import json
from collections import Counter
from pathlib import Path
from time import monotonic, sleep

from deploy.kafka.cluster import Cluster as KafkaCluster
from tests.acceptance.case_files import breach, line, order_in_force, written
from tests.acceptance.split.conftest import Split
from tests.acceptance.systems import next_alert
from tests.program import PATIENCE
from tests.servers.kafka_clients import producer


def brought_in(system: Split, *incidents: str) -> None:
    """Tell of these breaches; they have been acknowledged when this returns."""
    facts = [*order_in_force(), *(breach(incident) for incident in incidents)]
    file = written(system.data.parent / "facts.jsonl", [line("KENT/1", *facts)])
    system.bring_in(file)


def all_said(system: Split, count: int) -> Counter[str]:
    deadline = monotonic() + PATIENCE
    while len(system.said()) < count and monotonic() < deadline:
        sleep(0.05)
    return Counter(system.said())


def escalations(system: Split) -> list[str]:
    """The alerts of which the sheet says when the next person is told."""
    deadline = monotonic() + PATIENCE
    while True:
        rows = json.loads(system.run("deadlines", "list", "--json").stdout)["deadlines"]
        found = [row["alert"] for row in rows if row["about"] == "step 0"]
        if found or monotonic() > deadline:
            return found


def test_on_postgres_a_breach_is_one_arrest_alert(on_postgres: Split) -> None:
    console = on_postgres.up("alert", "reconcile", "deliver", "sweep")
    brought_in(on_postgres, "rang at night")
    alert = next_alert(console)
    assert (alert["code"], alert["order"]) == ("BREACH_ARREST", "KENT/1")
    listed = json.loads(on_postgres.run("alerts", "list", "--json").stdout)
    assert [row["id"] for row in listed["alerts"]] == [alert["alert"]]
    assert escalations(on_postgres) == [alert["alert"]]
    assert on_postgres.run("deadlines", "audit").returncode == 0
    assert on_postgres.run("doctor").returncode == 0
    digest = json.loads(on_postgres.run("digest").stdout)
    assert digest["events"] >= 10
    assert set(digest["projections"]) == {"deadline_sheet"}
    assert console.stop() == 0


def test_on_postgres_a_role_may_not_migrate_and_nobody_hears_the_dsn(on_postgres: Split) -> None:
    migrated = on_postgres.run("migrate")
    assert migrated.returncode == 1
    assert "grants.sql as the owner" in migrated.stderr
    assert on_postgres.place.writer not in migrated.stdout + migrated.stderr


def test_a_dead_broker_costs_no_alert(split: Split, own_kafka: KafkaCluster) -> None:
    """First over the broker; then with the broker killed; then with it back.

    It costs two seconds of grace, which `python -m tests.faults split` holds it to.
    """
    broker = own_kafka.brokers[0]
    console = split.up("deliver", "reconcile")
    split.up("alert")
    split.up("relay")
    brought_in(split, "first")
    assert next_alert(console)["code"] == "BREACH_ARREST"
    broker.kill()
    brought_in(split, "first", "second")
    next_alert(console)
    own_kafka.restart(broker)
    brought_in(split, "first", "second", "third")
    next_alert(console)
    assert all_said(split, 3).most_common(1)[0][1] == 1
    assert len(split.said()) == 3


def test_relay_and_desk_killed_in_turn_lose_and_double_nothing(split: Split) -> None:
    split.up("deliver", "reconcile")
    desk, relay = split.up("alert"), split.up("relay")
    incidents: list[str] = []
    for number in range(4):
        incidents.append(f"incident {number}")
        brought_in(split, *incidents)
        if number % 2:
            desk.kill()
            desk = split.up("alert")
        else:
            relay.kill()
            relay = split.up("relay")
    assert len(all_said(split, len(incidents))) == len(incidents)
    incidents.append("after all of them")  # the desk reads again what was read before it gets here
    brought_in(split, *incidents)
    said = all_said(split, len(incidents))
    assert set(said.values()) == {1}
    assert len(said) == len(incidents)


def test_commands_from_the_broker_become_alerts_under_one_id_in_every_log(
    split: Split, tmp_path: Path
) -> None:
    assert split.brokers is not None
    console = split.up("deliver", "alert", "relay")
    split.up("intake")
    order = written(tmp_path / "order.jsonl", [line("KENT/1", *order_in_force())])
    split.bring_in(order)
    command = json.dumps({"order": "KENT/1", **breach("from the tag provider")}).encode()
    put(split.brokers, "spo.intake.v1", command, b"he is at the door")
    said = [console.said.until(lambda each: '"code"' in each) for _ in range(2)]
    codes = {json.loads(each)["code"] for each in said}
    assert codes == {"BREACH_ARREST", "UNREADABLE_MESSAGE"}
    report = came_of(split.errors("intake"), "spo.breach-reported.v1")
    assert came_of(split.errors("deliver", "alert", "relay"), "spo.alert-raised.v1") == report


def came_of(log: Path, kind: str) -> str:
    """What the last event of that kind came of, as the log says; a line may come after the alert."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        lines = [json.loads(each) for each in log.read_text(encoding="utf-8").splitlines()]
        told = [each for each in lines if each["event"] == "on record"]
        if found := [each["correlation"] for each in told if each["event_type"] == kind]:
            return str(found[-1])
        sleep(0.1)
    msg = f"no line of {kind} in {log}"
    raise AssertionError(msg)


def put(brokers: str, topic: str, *values: bytes) -> None:
    with producer(brokers) as provider:
        for value in values:
            provider.send(topic, value=value).get(timeout=60)
