"""The rights of deploy/kafka/topics.yaml, kept by a real broker: enough for each role, and no more."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError, TopicAuthorizationFailedError
from typer.testing import CliRunner

from consumers.broker_trouble import BrokerTrouble
from consumers.desk_worker import DeskWorker
from consumers.intake import INTAKE
from consumers.relay_messages import ALERT_REQUESTED
from spowatch.cli.topics import app
from spowatch.kafka.security import reach_of
from spowatch.open_store import Store
from spowatch.settings.root import KafkaTransport, SaslTlsSecurity
from spowatch.wiring.kafka import intake_from, kafka_feed_for, relay_to
from tests.consumers.over_kafka.test_intake import command
from tests.consumers.over_kafka.test_over_kafka import relay_all
from tests.servers.kafka_secured import OPS, PASSWORD, SecuredKafka, secured_kafka
from tests.stories import NOW, breach, served_order, store_at, tell

__all__ = ["secured_kafka"]

TOPICS = Path(__file__).resolve().parents[3] / "deploy" / "kafka" / "topics.yaml"
LOOKS = 240


def given(work: Callable[[float], int]) -> int:
    """How many it is given by the first look that finds any, and two more."""
    found = next((some for some in (work(0.25) for _ in range(LOOKS)) if some), 0)
    return found + work(0.25) + work(0.25)


@dataclass(frozen=True)
class Guarded:
    """A cluster as `topics apply` makes it, and a store to work on."""

    node: SecuredKafka
    prefix: str
    store: Store
    stack: ExitStack

    def transport(self, role: str) -> KafkaTransport:
        """As the settings of that role's process say."""
        user = f"spowatch-{role}"
        self.node.let_in(user)
        ca = self.node.certificates.authority
        given = {"kind": "sasl_tls", "ca_file": ca, "user": user, "password": PASSWORD}
        return KafkaTransport(
            kind="kafka",
            bootstrap=self.node.sasl,
            prefix=self.prefix,
            security=SaslTlsSecurity.model_validate(given),
        )

    def relay(self) -> int:
        return relay_all(self.stack.enter_context(relay_to(self.transport("relay"), self.store)))

    def desk(self, role: str) -> int:
        """How many events that role's desk was given."""
        feed = kafka_feed_for("desk", self.transport(role), self.store, lambda: NOW)
        desk = DeskWorker(self.stack.enter_context(feed), self.store.register, lambda: NOW)
        return given(desk.work)

    def put(self, role: str, topic: str, value: bytes, patience: int = 60) -> None:
        """Raises `KafkaError` when it may not, or is not heard of it in so many seconds."""
        settings = {"max_block_ms": 1000 * patience}
        producer = reach_of(self.transport(role)).client(KafkaProducer, "test", **settings)
        self.stack.callback(producer.close, timeout=1)
        producer.send(self.prefix + topic, value).get(timeout=patience)


@pytest.fixture
def guarded(
    secured_kafka: SecuredKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Guarded]:
    prefix = f"t-{uuid4().hex[:12]}."
    said = {"KIND": "sasl_tls", "MECHANISM": "PLAIN", "USER": OPS, "PASSWORD": PASSWORD}
    said["CA_FILE"] = str(secured_kafka.certificates.authority)
    for name, value in said.items():
        monkeypatch.setenv(f"SPO_TRANSPORT__SECURITY__{name}", value)
    monkeypatch.setenv("SPO_TRANSPORT__KIND", "kafka")
    monkeypatch.setenv("SPO_TRANSPORT__BOOTSTRAP", secured_kafka.sasl)
    order = ["--file", str(TOPICS), "--copies", "1", "--prefix", prefix]
    assert CliRunner().invoke(app, ["apply", *order]).exit_code == 0
    assert "as the file says" in CliRunner().invoke(app, ["plan", *order]).stdout
    with store_at(tmp_path) as store, ExitStack() as stack:
        yield Guarded(secured_kafka, prefix, store, stack)


def test_each_role_may_do_its_own_work(guarded: Guarded) -> None:
    tell(guarded.store, "KENT-1", *served_order(), breach())
    assert guarded.relay() > 0
    assert guarded.desk("alert") == 1
    guarded.put("provider", INTAKE, command("KENT-1", breach(incident="another")))
    intake = intake_from(guarded.transport("intake"), guarded.store, lambda: NOW)
    with intake as working:
        assert given(working.work) == 1


def test_nobody_may_do_anothers(guarded: Guarded) -> None:
    with pytest.raises((BrokerTrouble, TopicAuthorizationFailedError)):
        guarded.desk("intake")
    with pytest.raises(KafkaError):
        guarded.put("provider", ALERT_REQUESTED, b"{}", patience=2)
    with pytest.raises(KafkaError):
        guarded.put("alert", INTAKE, b"{}", patience=2)
