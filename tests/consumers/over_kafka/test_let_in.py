"""A broker that lets nobody in without TLS and a name: who is let in, and what the others are told."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from kafka import KafkaConsumer
from pydantic import TypeAdapter
from structlog.testing import capture_logs
from typer.testing import CliRunner

from consumers import kafka_records
from consumers.broker_trouble import BrokerTrouble
from consumers.kafka_reach import Reach
from spowatch.cli.topics import app
from spowatch.kafka.security import reach_of
from spowatch.running.register import roles_of
from spowatch.running.running import Running
from spowatch.settings.http import HttpSettings
from spowatch.settings.root import KafkaTransport, Settings
from spowatch.wiring.store import migrate, opened
from tests.program import PATIENCE
from tests.servers.kafka_secured import PASSWORD, SecuredKafka, secured_kafka
from tests.servers.silent_proxy import SilentProxy
from tests.stories import breach, served_order, tell

__all__ = ["secured_kafka"]

USER = "spowatch-test"
FIRST_PAUSE = 0.16
"""Seconds between the first two knocks at a door where nobody says why, at the least; each pause is twice the last.

Left alone, kafka-python begins with 0.016.
"""


@pytest.fixture
def node(secured_kafka: SecuredKafka) -> SecuredKafka:
    secured_kafka.let_in(USER)
    return secured_kafka


def transport(bootstrap: str, **security: Any) -> KafkaTransport:
    given = {"kind": "kafka", "bootstrap": bootstrap, "security": security}
    return TypeAdapter(KafkaTransport).validate_python(given)


def by_password(node: SecuredKafka, **other: Any) -> dict[str, Any]:
    ca = node.certificates.authority
    known = {"kind": "sasl_tls", "ca_file": ca, "user": USER, "password": PASSWORD}
    return {name: value for name, value in (known | other).items() if value is not None}


def by_certificate(node: SecuredKafka) -> dict[str, Any]:
    files = node.certificates
    ours = {"cert_file": files.certificate("relay"), "key_file": files.key("relay")}
    return {"kind": "tls", "ca_file": files.authority, **ours}


def seen_topics(bootstrap: str, security: Mapping[str, Any]) -> set[str]:
    reach = reach_of(transport(bootstrap, **security))
    consumer = kafka_records.connected(reach, "test")
    try:
        return set(consumer.topics())
    finally:
        consumer.close()


def refusal(bootstrap: str, security: Mapping[str, Any]) -> str:
    with pytest.raises(BrokerTrouble) as trouble:
        seen_topics(bootstrap, security)
    return str(trouble.value)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
def test_a_user_with_the_right_password_is_let_in(node: SecuredKafka, mechanism: str) -> None:
    user = {"SCRAM-SHA-512": USER, "PLAIN": "ops"}[mechanism]
    assert seen_topics(node.sasl, by_password(node, mechanism=mechanism, user=user)) == set()


def test_a_certificate_is_a_name_too(node: SecuredKafka) -> None:
    assert seen_topics(node.tls, by_certificate(node)) == set()


def test_the_password_may_stand_in_a_file_and_a_new_one_needs_no_restart(
    node: SecuredKafka, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("not yet\n")
    reach = reach_of(transport(node.sasl, **by_password(node, password=None, password_file=file)))
    with pytest.raises(BrokerTrouble):
        kafka_records.connected(reach, "test")
    file.write_text(PASSWORD + "\n")
    kafka_records.connected(reach, "test").close()


def changed(node: SecuredKafka, wrong: str) -> dict[str, Any]:
    return {
        "PASSWORD": by_password(node, password="guessed"),
        "USER": by_password(node, user="mallory"),
        "CA_FILE": by_password(node, ca_file=node.certificates.certificate("relay")),
    }[wrong]


@pytest.mark.parametrize("wrong", ["PASSWORD", "USER", "CA_FILE"])
def test_who_is_not_let_in_is_told_which_setting(node: SecuredKafka, wrong: str) -> None:
    """At once, or at a later knock where the broker hung up before its last word was heard."""
    asked = (refusal(node.sasl, changed(node, wrong)) for _ in range(5))
    said = next((each for each in asked if not each.startswith("no broker answers")), "")
    assert f"SPO_TRANSPORT__SECURITY__{wrong}" in said
    assert not [word for word in ("guessed", "mallory", USER, PASSWORD) if word in said]


def test_who_is_told_why_does_not_knock_again(node: SecuredKafka) -> None:
    with SilentProxy(node.sasl_port) as door:
        refusal(door.address, changed(node, "CA_FILE"))
    assert door.came == 1


def test_who_is_not_told_why_knocks_slowly(node: SecuredKafka) -> None:
    """As a broker does that hangs up with its last word."""
    with hanging_up(node) as port:
        came, took = next(each for each in knocks(node, port) if each[0] > 1)
    assert took >= FIRST_PAUSE * (2 ** (came - 1) - 1)


def knocks(node: SecuredKafka, port: int) -> Iterator[tuple[int, float]]:
    """How often a client came and in how many seconds; each is given more of them than the last."""
    for seconds in (1, 4, 16, 64):
        with SilentProxy(port) as door:
            reach, began = reach_of(transport(door.address, **by_password(node))), monotonic()
            with pytest.raises(BrokerTrouble, match="no broker answers"):
                reach.client(KafkaConsumer, "test", bootstrap_timeout_ms=1000 * seconds)
            yield door.came, monotonic() - began


@contextmanager
def hanging_up(node: SecuredKafka) -> Iterator[int]:
    """The port of a server that shows its certificate and says no more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(node.certificates.certificate("node"), node.certificates.key("node"))

    def serve() -> None:
        with suppress(OSError):
            while True:
                link, _ = door.accept()
                with suppress(OSError), context.wrap_socket(link, server_side=True) as secured:
                    secured.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve)
        thread.start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_client_that_was_refused_leaves_no_thread_behind(node: SecuredKafka) -> None:
    before = set(threading.enumerate())
    for _ in range(2):
        refusal(node.sasl, by_password(node, password="guessed"))
    with pytest.raises(BrokerTrouble, match="no broker answers"):
        Reach(["127.0.0.1:1"]).client(KafkaConsumer, "test", bootstrap_timeout_ms=200)
    for each in set(threading.enumerate()) - before:
        each.join(PATIENCE)
        assert not each.is_alive(), each


def test_without_a_certificate_and_in_the_clear_nobody_comes_in(node: SecuredKafka) -> None:
    nameless = by_certificate(node) | {"cert_file": None, "key_file": None}
    assert "SECURITY__CERT_FILE" in refusal(node.tls, nameless)
    assert "SECURITY__KIND" in refusal(node.sasl, {})


@pytest.mark.parametrize(
    ("setting", "broken"),
    [("ca_file", "missing"), ("ca_file", "empty"), ("password_file", "missing")],
)
def test_a_file_that_cannot_be_used_is_named_by_its_setting(
    node: SecuredKafka, tmp_path: Path, setting: str, broken: str
) -> None:
    (tmp_path / "empty").touch()
    given = by_password(node, **{setting: tmp_path / broken})
    if setting == "password_file":
        del given["password"]
    said = refusal(node.sasl, given)
    assert said.startswith(f"SPO_TRANSPORT__SECURITY__{setting.upper()}: cannot be used: ")
    assert str(tmp_path) not in said


def test_the_administrators_commands_are_let_in_like_the_roles(
    node: SecuredKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = Path(__file__).parents[3] / "deploy" / "kafka" / "topics.yaml"
    for name, value in by_password(node, user="ops", mechanism="PLAIN").items():
        monkeypatch.setenv(f"SPO_TRANSPORT__SECURITY__{name.upper()}", str(value))
    monkeypatch.setenv("SPO_TRANSPORT__KIND", "kafka")
    monkeypatch.setenv("SPO_TRANSPORT__BOOTSTRAP", node.sasl)
    planned = CliRunner().invoke(app, ["plan", "--file", str(topics), "--copies", "1"])
    assert planned.exit_code == 0, planned.stderr
    assert "allow: User:spowatch-relay write topic spo.order.events.v1" in planned.stdout


def test_wrong_credentials_stop_no_other_role_and_every_breach_is_raised(
    node: SecuredKafka, tmp_path: Path
) -> None:
    with SilentProxy(node.sasl_port) as door, capture_logs() as lines:
        wrong = transport(door.address, **by_password(node, password="guessed"))
        said, ready = run_until_told(
            Settings(data_dir=tmp_path, transport=wrong, http=HttpSettings(port=0)),
            lambda: told_the_password(lines) == {"alert", "intake", "relay"},
        )
    assert {"alert", "relay", "intake"} <= set(ready)
    assert [each["code"] for each in said] == ["BREACH_ARREST"]
    assert told_the_password(lines) == {"alert", "intake", "relay"}
    assert "guessed" not in repr(lines)


def told_the_password(lines: Sequence[MutableMapping[str, Any]]) -> set[str]:
    """The roles that said which setting to look at."""
    return {line["role"] for line in lines if "__PASSWORD" in line.get("trouble", "")}


def run_until_told(
    settings: Settings, all_said: Callable[[], bool]
) -> tuple[list[dict[str, Any]], list[str]]:
    """What the console said of one breach, and which roles were usable; and until `all_said`."""
    said: list[dict[str, Any]] = []
    ready: list[str] = []
    told = threading.Event()

    def show(message: dict[str, Any]) -> None:
        if message["what"] == "raised":
            said.append(message)
            told.set()

    migrate(settings)
    with opened(settings) as store:
        running = Running(store, show, threading.Event())
        running.start(roles_of(store.settings), ready.append)
        tell(store, "KENT-1", *served_order(), breach())
        told.wait(PATIENCE)
        end = monotonic() + PATIENCE
        while not all_said() and monotonic() < end:
            sleep(0.05)
        running.stop()
    return said, ready


@pytest.mark.parametrize(
    ("bootstrap", "security", "warned"),
    [
        ("127.0.0.1:9092,[::1]:9092,localhost:9092", {}, False),
        ("127.0.0.1:9092,kafka-2.example:9092", {}, True),
        ("192.0.2.7:9092", {}, True),
        ("kafka-1.example:9093", {"kind": "tls"}, False),
    ],
)
def test_a_way_that_nothing_guards_is_spoken_of_unless_it_leads_nowhere(
    bootstrap: str, security: dict[str, Any], *, warned: bool
) -> None:
    with capture_logs() as lines:
        reach_of(transport(bootstrap, **security))
    assert ["broker without encryption"] * warned == [line["event"] for line in lines]
