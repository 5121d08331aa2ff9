import base64
import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from consumers.channels.message import Message, Never, NotNow, Recipient, Reply, Taken
from consumers.channels.outward import NotOutward, outward
from consumers.channels.posting import PostingChannel
from consumers.channels.signatures import Signer
from consumers.channels.webhook import WEBHOOK
from tests.consumers.channels.messages import message
from tests.servers.receiver import Receiver, receiving

OLD, NEW = (f"whsec_{base64.b64encode(bytes([n]) * 32).decode()}" for n in (1, 2))
SEED = bytes([3]) * 32
PRIVATE = f"whsk_{base64.b64encode(SEED).decode()}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@dataclass(frozen=True)
class Way:
    """The channel to one receiver."""

    channel: PostingChannel
    to: Recipient

    def send(self, message: Message) -> Reply:
        return self.channel.send(message, self.to)


def channel(receiver: Receiver, *keys: str) -> Way:
    secrets = [SecretStr(key) for key in keys or (OLD,)]
    posting = PostingChannel("cad", WEBHOOK, secrets, lambda: datetime.now(UTC), inside=True)
    return Way(posting, Recipient("cad", SecretStr(receiver.url)))


def test_it_is_thin_and_signed_so_that_the_reference_library_takes_it(receiver: Receiver) -> None:
    assert channel(receiver).send(message()) == Taken()
    (reached,) = receiver.reached
    told = Webhook(OLD).verify(reached.body, reached.headers)
    assert set(told) == {"type", "id", "timestamp", "data"}
    assert told["type"] == "alert.raised"
    assert told["id"] == reached.headers["webhook-id"] == str(message().id)
    assert told["data"]["kind"] == "BREACH_ARREST"


def test_a_receiver_may_change_from_the_old_key_to_the_new(receiver: Receiver) -> None:
    channel(receiver, OLD, NEW, PRIVATE).send(message())
    (reached,) = receiver.reached
    for key in (OLD, NEW):
        Webhook(key).verify(reached.body, reached.headers)
    stranger = f"whsec_{base64.b64encode(bytes(32)).decode()}"
    with pytest.raises(WebhookVerificationError):
        Webhook(stranger).verify(reached.body, reached.headers)


def test_the_ed25519_signature_is_over_id_time_and_body(receiver: Receiver) -> None:
    channel(receiver, PRIVATE).send(message())
    (reached,) = receiver.reached
    version, _, signature = reached.headers["webhook-signature"].partition(",")
    assert version == "v1a"
    headers = reached.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{reached.body}".encode()
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    public.verify(base64.b64decode(signature), signed)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature), signed + b" ")


def test_a_repeat_has_the_same_id(receiver: Receiver) -> None:
    receiver.script = deque(["drop"])
    assert isinstance(channel(receiver).send(message()), NotNow)
    assert channel(receiver).send(message()) == Taken()
    first, again = receiver.reached
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert json.loads(first.body) == json.loads(again.body)


@pytest.mark.parametrize("what", [500, 503, 404, 301, "drop", "garbage"])
def test_what_may_pass_is_tried_again(receiver: Receiver, what: int | str) -> None:
    receiver.script = deque([what])
    assert isinstance(channel(receiver).send(message()), NotNow)


def test_gone_is_gone(receiver: Receiver) -> None:
    receiver.script = deque([410])
    assert channel(receiver).send(message()) == Never("HTTP 410")


@pytest.mark.parametrize(
    ("header", "after"),
    [("40", timedelta(seconds=40)), ("-5", timedelta(0)), ("soon", None), ("9" * 40, None)],
)
def test_a_receiver_may_ask_for_time(
    receiver: Receiver, header: str, after: timedelta | None
) -> None:
    receiver.script, receiver.headers = deque([429]), {"retry-after": header}
    assert channel(receiver).send(message()) == NotNow("HTTP 429", after, of_all=True)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.script, receiver.headers = deque([302]), {"location": receiver.url}
    assert channel(receiver).send(message()) == NotNow("HTTP 302")
    assert len(receiver.reached) == 1


@pytest.mark.parametrize(
    "key", ["", "whsec_", "whsec_***", "whsk_AAAA", "secret", "whsk_" + "A" * 44]
)
def test_a_key_that_is_none_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="whsec_ or whsk_") as refused:
        Signer([SecretStr(key)])
    assert not key or key == "whsec_" or key not in str(refused.value)


def resolving(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda _, __: list(addresses)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "169.254.169.254",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - where not to send
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
    ],
)
def test_nothing_is_sent_to_our_own_machines(address: str) -> None:
    with pytest.raises(NotOutward, match="not public"):
        outward("https://cad.example/alerts", resolve=resolving("93.184.216.34", address))


@pytest.mark.parametrize(
    "url",
    [
        "http://cad.example/",
        "ftp://cad.example/",
        "https://",
        "https://user:word@cad.example/",
        "https://cad.example/#part",
        "//cad.example/",
    ],
)
def test_a_receivers_address_is_plain_https(url: str) -> None:
    with pytest.raises(NotOutward) as refused:
        outward(url, resolve=resolving("93.184.216.34"))
    assert "cad.example" not in str(refused.value)


def test_the_address_looked_at_is_the_one_connected_to() -> None:
    place = outward("https://cad.example/in?key=1", resolve=resolving("93.184.216.34"))
    assert (place.host, place.address, place.port) == ("cad.example", "93.184.216.34", 443)
    assert place.path == "/in?key=1"
