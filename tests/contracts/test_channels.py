"""Every channel under the one contract, and all of them against an end that never ends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

import pytest
from pydantic import SecretStr

from consumers.channels.cap import cap_form
from consumers.channels.hmpps import hmpps_form
from consumers.channels.mail import MailChannel, Mailer
from consumers.channels.message import NotNow, Recipient, Taken
from consumers.channels.posting import Form, PostingChannel
from consumers.channels.text_message import TextMessageChannel
from consumers.channels.transfer import transfer_form
from consumers.channels.webhook import WEBHOOK
from tests.contracts.channel_contract import ChannelContract, Way
from tests.contracts.far_ends import http_end, mail_end

KEY = SecretStr("whsec_" + "A" * 43 + "=")
NOTIFY_KEY = SecretStr(f"duty{'-0f5a1b22-0000-4000-8000-000000000001' * 2}")
AT_MOST = 50.0
"""Seconds: the port promises ten, and the machine may be busy. The other side would keep at it for two minutes."""


@contextmanager
def posting(form: Form, what: str = "raised") -> Iterator[Way]:
    channel = PostingChannel("posted", form, [KEY], lambda: datetime.now(UTC), inside=True)
    with http_end() as end:
        to = Recipient("cad", SecretStr(end.receiver.url))
        yield Way(channel, to, end, channel, what)


@contextmanager
def mailing() -> Iterator[Way]:
    with mail_end() as end:
        channel, nobody = (
            MailChannel("mail", Mailer("127.0.0.1", port, "a@kent.example", tls=False))
            for port in (end.port, 1)
        )
        yield Way(channel, Recipient("duty", SecretStr("duty@kent.example")), end, nobody)


@contextmanager
def texting() -> Iterator[Way]:
    with http_end(notify=True) as end:
        channel, nobody = (
            TextMessageChannel("text", NOTIFY_KEY, "template-1", api=f"http://127.0.0.1:{port}")
            for port in (end.receiver.port, 1)
        )
        yield Way(channel, Recipient("duty", SecretStr("07700900001")), end, nobody)


class TestWebhook(ChannelContract):
    @pytest.fixture
    def way(self) -> Iterator[Way]:
        with posting(WEBHOOK) as way:
            yield way


class TestCap(ChannelContract):
    @pytest.fixture
    def way(self) -> Iterator[Way]:
        with posting(cap_form("spowatch.kent.example", ("essex",))) as way:
            yield way


class TestHmpps(ChannelContract):
    @pytest.fixture
    def way(self) -> Iterator[Way]:
        with posting(hmpps_form("https://spo.example/alerts")) as way:
            yield way


class TestTransfer(ChannelContract):
    @pytest.fixture
    def way(self) -> Iterator[Way]:
        with posting(transfer_form("spowatch.kent"), "transfer_offered") as way:
            yield way


class TestMail(ChannelContract):
    @pytest.fixture
    def way(self) -> Iterator[Way]:
        with mailing() as way:
            yield way


class TestTextMessage(ChannelContract):
    @pytest.fixture
    def way(self) -> Iterator[Way]:
        with texting() as way:
            yield way


def test_whatever_the_other_side_does_an_attempt_ends_in_time() -> None:
    with posting(WEBHOOK) as post, mailing() as mail, texting() as text:
        for way in (post, mail, text):
            way.end.told_to("hangs", "trickles")

        def both(way: Way) -> list[tuple[type, float]]:
            return [timed(way), timed(way)]

        with ThreadPoolExecutor() as pool:
            posted, mailed, texted = pool.map(both, (post, mail, text))
    seconds = [took for each in (posted, mailed, texted) for _, took in each]
    assert max(seconds) < AT_MOST
    replies = [reply for each in (posted, mailed, texted) for reply, _ in each]
    assert replies == [NotNow, Taken, NotNow, NotNow, NotNow, NotNow]
    assert len(mail.end.ids()) == len(text.end.ids()) == 2


def timed(way: Way) -> tuple[type, float]:
    began = monotonic()
    reply = way.send()
    return type(reply), monotonic() - began
