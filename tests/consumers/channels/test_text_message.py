import json
from collections import deque
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from consumers.channels.message import Never, NotNow, Recipient, Taken
from consumers.channels.text_message import TextMessageChannel
from tests.consumers.channels.messages import message
from tests.servers.receiver import Receiver, receiving

_ID = "0f5a1b22-0000-4000-8000-000000000001"
KEY = SecretStr(f"duty-{_ID}-0f5a1b22-0000-4000-8000-000000000002")

PHONE = Recipient("duty", SecretStr("07700900001"))


@pytest.fixture
def notify() -> Iterator[Receiver]:
    with receiving(answer=json.dumps({"id": _ID}).encode()) as receiver:
        yield receiver


def channel(notify: Receiver) -> TextMessageChannel:
    address = f"http://127.0.0.1:{notify.port}"
    return TextMessageChannel("text", KEY, "template-1", api=address)


def test_a_repeat_bears_the_same_reference(notify: Receiver) -> None:
    notify.script = deque([500, 201])
    assert channel(notify).send(message(), PHONE) == NotNow("HTTP 500")
    assert channel(notify).send(message(), PHONE) == Taken(_ID)
    first, again = (json.loads(each.body) for each in notify.reached)
    assert first["reference"] == again["reference"] == str(message().id)
    assert first["personalisation"] == {
        "headline": "P1 BREACH_ARREST KENT-2026-00007",
        "alert": "00000000",
    }


@pytest.mark.parametrize("status", [429, 403, 500])
def test_what_may_pass_is_tried_again(notify: Receiver, status: int) -> None:
    notify.script = deque([status])
    assert channel(notify).send(message(), PHONE) == NotNow(f"HTTP {status}")


def test_a_number_that_is_none_is_left_to_the_next_channel(notify: Receiver) -> None:
    notify.script = deque([400])
    assert channel(notify).send(message(), PHONE) == Never("HTTP 400")


@pytest.mark.parametrize("what", ["drop", "garbage"])
def test_a_broken_answer_is_none(notify: Receiver, what: str) -> None:
    notify.script = deque([what])
    assert isinstance(channel(notify).send(message(), PHONE), NotNow)


def test_an_answer_that_is_no_json_is_none(notify: Receiver) -> None:
    notify.answer, notify.script = b"<html>", deque([201])
    assert isinstance(channel(notify).send(message(), PHONE), NotNow)
