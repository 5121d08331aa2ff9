"""A line test outside is marked as one in every form, goes to machines alone, and leaves no ledger."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
import xmlschema
from pydantic import SecretStr

from consumers.channels.cap import NAMESPACE, cap_alert
from consumers.channels.message import Message, Never, Recipient, Reply
from consumers.channels.webhook import WEBHOOK
from consumers.line_messages import line_message, sent
from consumers.line_receipts import receipt_name
from consumers.recipients import Settled
from domain.line_tests import LineTest, LineTestRaised, line_test_stream
from domain.published import OrderEvent
from spowatch.open_store import Store
from tests.consumers.outside import Outside
from tests.servers.receiver import receiving
from tests.stories import store_at

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "CAP-v1.2.xsd")
WINTER, SUMMER = datetime(2026, 12, 1, 2, 14, tzinfo=UTC), datetime(2026, 7, 1, 2, 14, tzinfo=UTC)
DUTY = Settled((Recipient("duty", SecretStr("+447700900123")),))


def put_on_the_line(at: datetime = WINTER) -> LineTest:
    test = LineTest(line_test_stream(0))
    test.begin(at)
    test.raise_("arrest-desk", at)
    return test


def message(at: datetime = WINTER) -> Message:
    return line_message(put_on_the_line(at), EVENT)


EVENT = OrderEvent(2, "spo.line-test-raised.v1", line_test_stream(0), 2)


@pytest.mark.parametrize("at", [WINTER, SUMMER])
def test_as_cap_it_is_valid_and_a_test(at: datetime) -> None:
    document = cap_alert(message(at), sender="spowatch.kent.example", addresses=("essex",))
    SCHEMA.validate(document.decode())
    told = fromstring(document)  # noqa: S314 - our own
    assert told.findtext(f"{{{NAMESPACE}}}status") == "Test"
    assert told.find(f"{{{NAMESPACE}}}references") is None
    assert told.findtext(f"{{{NAMESPACE}}}info/{{{NAMESPACE}}}responseType") == "None"


def test_as_a_webhook_it_is_no_alert() -> None:
    told = json.loads(WEBHOOK.written(message()))
    assert told["type"] == "line_test"
    assert (told["data"]["kind"], told["data"]["class"]) == ("LINE_TEST", "test")
    assert message().headline == "TEST OF THE LINE: nothing happened"


@dataclass
class Telephone:
    """Must not ring."""

    name: str = "text"

    def send(self, message: Message, to: Recipient) -> Reply:
        raise AssertionError(message, to)

    def close(self) -> None:
        return


def test_nobodys_telephone_rings_for_it() -> None:
    assert sent(put_on_the_line(), EVENT, Telephone(), DUTY)


@dataclass
class Refusing(Telephone):
    name: str = "webhook"

    def send(self, message: Message, to: Recipient) -> Reply:  # noqa: ARG002 - the port's
        return Never("HTTP 404")


def test_one_that_is_not_taken_went_nowhere() -> None:
    assert not sent(put_on_the_line(), EVENT, Refusing(), DUTY)


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with store_at(tmp_path) as store, receiving() as endpoint:
        yield Outside(store, endpoint)


def begin(store: Store, after: int) -> None:
    test = LineTest(line_test_stream(after))
    test.begin(WINTER)
    test.raise_("arrest-desk", WINTER)
    store.register.keep([test])


def raised(store: Store) -> int:
    """The position of the newest test that the desk passed on."""
    return store.log.select_notifications(1, 100, topics=[LineTestRaised.TOPIC])[-1].id


def test_a_lane_passes_the_newest_on_and_says_so_when_it_was_taken(outside: Outside) -> None:
    outside.endpoint.script = deque([204, 500, 204])
    store, lane = outside.store, outside.lane()
    receipt = receipt_name(lane.name)
    begin(store, 0)
    begin(store, 1)
    lane.work(0)
    assert [each["type"] for each in outside.told] == ["line_test"]
    taken = store.log.max_tracking_id(receipt)
    assert taken == raised(store)
    begin(store, 2)
    lane.work(0)
    assert store.log.max_tracking_id(receipt) == taken
    begin(store, 3)
    lane.work(0)
    assert store.log.max_tracking_id(receipt) == raised(store)
    topics = {each.topic for each in store.log.select_notifications(1, 100)}
    assert not [topic for topic in topics if "delivery" in topic]
