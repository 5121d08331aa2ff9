import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from consumers.kafka_reach import Reach
from deploy.kafka.cluster import Cluster, running
from spowatch.cli.kafka_check import kafka_check
from spowatch.kafka.guarantees import CheckImpossible, guarantees
from tests.servers.kafka import Kafka
from tests.servers.kafka_clients import admin

COPIED = "acknowledged means copied"


def test_one_broker_gives_all_but_a_second_copy(kafka: Kafka) -> None:
    app = Typer()
    app.command()(kafka_check)
    done = CliRunner().invoke(app, ["--bootstrap", kafka.bootstrap, "--json"])
    told = json.loads(done.stdout)
    assert (done.exit_code, told["ok"]) == (1, False)
    missing = [each for each in told["guarantees"] if not each["given"]]
    assert [each["name"] for each in missing] == [COPIED]
    assert "run three brokers" in missing[0]["remedy"]
    assert len(told["guarantees"]) == 6
    with admin(kafka.bootstrap) as client:
        assert not [name for name in client.list_topics() if name.startswith("spo.check-")]


@pytest.mark.usefixtures("kafka")
def test_a_careless_broker_is_found_out(tmp_path: Path) -> None:
    careless = {"auto.create.topics.enable": "true", "unclean.leader.election.enable": "true"}
    with running(Cluster(tmp_path, settings=careless)) as cluster:
        missing = {each.name for each in guarantees(Reach([cluster.bootstrap])) if not each.given}
    assert missing == {
        COPIED,
        "no topic comes into being by itself",
        "no leader that misses acknowledged messages",
    }


@pytest.mark.usefixtures("kafka")
def test_without_a_broker_it_says_so() -> None:
    with pytest.raises(
        CheckImpossible, match=r"127\.0\.0\.1:1 could not be checked: no broker answ"
    ):
        list(guarantees(Reach(["127.0.0.1:1"]), patience=0.5))
