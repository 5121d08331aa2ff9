"""`spowatch topics` against a real cluster."""

import json
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from consumers.kafka_reach import Reach
from spowatch.cli.topics import app
from spowatch.doctor.surroundings import the_broker
from spowatch.kafka.admin import ClusterAdmin, ClusterRefused
from spowatch.settings.root import KafkaTransport
from tests.servers.kafka import Kafka
from tests.servers.kafka_clients import admin, producer
from tests.stories import store_at


@dataclass
class Desk:
    """An operator with a topics file for one broker."""

    kafka: Kafka
    prefix: str
    file: Path
    told: dict[str, Any]

    def name(self, topic: str) -> str:
        return self.prefix + topic

    def topic(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.told["topics"][self.name(name)]
        return found

    def says(self, command: str, *options: str) -> tuple[int, list[dict[str, str]]]:
        """Exit status and changes of a command, run on the file as it now is."""
        self.file.write_text(yaml.safe_dump(self.told))
        order = [command, "--bootstrap", self.kafka.bootstrap, "--file", str(self.file)]
        done = CliRunner().invoke(app, [*order, "--json", *options])
        return done.exit_code, json.loads(done.stdout.splitlines()[0])["changes"]


@pytest.fixture
def desk(kafka: Kafka, tmp_path: Path) -> Desk:
    prefix = kafka.prefix()
    told = {
        "copies": 1,
        "in_sync_at_least": 1,
        "largest_message_bytes": 262144,
        "roles": {
            "relay": {"principal": f"User:{prefix}relay"},
            "alert": {"principal": f"User:{prefix}alert", "groups": f"{prefix}alert"},
        },
        "topics": {
            f"{prefix}keyed.v1": {
                "holds": "events",
                "key": "order id",
                "partitions": 2,
                "retention_days": 14,
                "writers": ["relay"],
                "readers": ["alert"],
            },
            f"{prefix}loose.v1": {"holds": "oddities", "partitions": 1, "retention_days": 30},
        },
    }
    return Desk(kafka, prefix, tmp_path / "topics.yaml", told)


def test_an_empty_cluster_is_filled_and_then_nothing_is_left_to_do(desk: Desk) -> None:
    status, planned = desk.says("plan")
    assert (status, len(planned)) == (0, 5)
    assert desk.says("apply") == (0, planned)
    assert desk.says("plan") == (0, [])
    with admin(desk.kafka.bootstrap) as client:
        (topic,) = client.describe_topics([desk.name("keyed.v1")])
    assert len(topic["partitions"]) == 2


def test_a_topic_takes_what_is_stamped_by_a_clock_that_is_hours_ahead(desk: Desk) -> None:
    desk.says("apply")
    ahead = (time() + 3 * 3600) * 1000
    with producer(desk.kafka.bootstrap) as client:
        sent = client.send(desk.name("keyed.v1"), b"told", timestamp_ms=int(ahead))
        assert sent.get(timeout=10).offset == 0


def test_a_plan_changes_nothing(desk: Desk) -> None:
    assert desk.says("plan") == desk.says("plan")


def test_a_setting_someone_changed_is_put_back(desk: Desk) -> None:
    desk.says("apply")
    desk.topic("loose.v1")["retention_days"] = 60
    status, changed = desk.says("apply")
    assert status == 0
    assert [change["change"] for change in changed] == ["retention.ms 2592000000 -> 5184000000"]
    assert desk.says("plan") == (0, [])


def test_nothing_is_done_when_one_change_would_lose_something(desk: Desk) -> None:
    desk.says("apply")
    desk.topic("keyed.v1")["retention_days"] = 1
    desk.topic("loose.v1")["partitions"] = 3
    status, stopped = desk.says("apply")
    assert status == 1
    assert [change["verdict"] for change in stopped] == ["needs --yes"]
    assert len(desk.says("plan")[1]) == 2
    assert desk.says("apply", "--yes")[0] == 0
    assert desk.says("plan") == (0, [])


@pytest.mark.parametrize(("topic", "partitions"), [("keyed.v1", 4), ("keyed.v1", 1)])
def test_a_keyed_topic_keeps_its_partitions_whatever_is_said(
    desk: Desk, topic: str, partitions: int
) -> None:
    desk.says("apply")
    desk.topic(topic)["partitions"] = partitions
    assert desk.says("plan")[0] == 1
    status, stopped = desk.says("apply", "--yes")
    assert (status, stopped[0]["verdict"]) == (1, "refused")


def test_a_right_too_many_is_taken_away_when_asked_twice(desk: Desk) -> None:
    desk.says("apply")
    desk.topic("keyed.v1")["readers"] = []
    status, stopped = desk.says("apply")
    assert (status, stopped[0]["verdict"]) == (1, "needs --yes")
    assert "read topic" in stopped[0]["change"]
    desk.says("apply", "--yes")
    assert desk.says("plan") == (0, [])


def test_more_copies_than_brokers_are_refused_with_what_to_do(desk: Desk) -> None:
    desk.told["copies"] = 3
    status, stopped = desk.says("apply")
    assert status == 1
    assert "the cluster has 1 broker(s)" in stopped[0]["reason"]
    assert desk.says("apply", "--copies", "1")[0] == 0


@pytest.mark.usefixtures("kafka")
def test_no_broker_is_a_plain_sentence() -> None:
    with pytest.raises(ClusterRefused, match=r"^no Kafka broker at 127\.0\.0\.1:1: no broker "):
        ClusterAdmin(Reach(["127.0.0.1:1"]), patience=0.5)


def test_the_doctor_names_the_topics_that_are_missing_and_a_broker_that_is(
    kafka: Kafka, tmp_path: Path
) -> None:
    with store_at(tmp_path) as store:
        for bootstrap, found in ((kafka.bootstrap, "1 brokers; missing"), ("127.0.0.1:1", "no ")):
            here = KafkaTransport(kind="kafka", bootstrap=bootstrap, prefix=kafka.prefix())
            settings = store.settings.model_copy(update={"transport": here})
            object.__setattr__(store, "settings", settings)
            name, fit, told, _ = the_broker(store)
            assert (name, fit, told.startswith(found)) == ("broker", False, True)


def test_a_missing_file_is_bad_input(kafka: Kafka, tmp_path: Path) -> None:
    order = ["plan", "--bootstrap", kafka.bootstrap, "--file", str(tmp_path / "no.yaml")]
    done = CliRunner().invoke(app, order)
    assert done.exit_code == 2
    assert "no.yaml: cannot be read" in done.stderr


def test_our_own_file_fits_a_real_cluster(desk: Desk) -> None:
    ours = Path(__file__).resolve().parents[2] / "deploy" / "kafka" / "topics.yaml"
    desk.told = yaml.safe_load(ours.read_text())
    on_trial = ("--copies", "1", "--prefix", desk.prefix)
    assert desk.says("apply", *on_trial)[0] == 0
    assert desk.says("plan", *on_trial) == (0, [])
    with admin(desk.kafka.bootstrap) as client:
        assert {desk.name(topic) for topic in desk.told["topics"]} <= set(client.list_topics())


def test_the_prefix_of_the_settings_holds_unless_another_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"KIND": "kafka", "BOOTSTRAP": desk.kafka.bootstrap, "PREFIX": "shared."}
    for name, value in told.items():
        monkeypatch.setenv(f"SPO_TRANSPORT__{name}", value)
    for options, prefix in (((), "shared."), (("--prefix", ""), "")):
        _, planned = desk.says("plan", *options)
        created = [each["about"] for each in planned if each["change"].startswith("create")]
        assert created == [f"{prefix}{topic}" for topic in desk.told["topics"]]
