from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from consumers.channels.mail import MailChannel, Mailer
from consumers.channels.message import Never, NotNow, Recipient, Taken
from tests.consumers.channels.messages import message
from tests.program import PATIENCE
from tests.servers.ports import free_port

DUTY = Recipient("duty", SecretStr("duty@kent.example"))


@dataclass
class Mailbox:
    """An SMTP server that keeps what it takes, or says what it is told to say."""

    taken: list[EmailMessage] = field(default_factory=list)
    says: str = "250 OK"
    to_the_recipient: str = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name for it
        self, _: Any, __: Any, envelope: Any, address: str, ___: Any
    ) -> str:
        if self.to_the_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_the_recipient

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 - the library's name for it
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append(mail)
        return self.says


@dataclass
class Post:
    box: Mailbox
    channel: MailChannel


@pytest.fixture
def post() -> Iterator[Post]:
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE)
    controller.start()
    try:
        mailer = Mailer("127.0.0.1", port, "alerts@spowatch.example", tls=False)
        yield Post(box, MailChannel("mail", mailer))
    finally:
        controller.stop()


def test_the_subject_holds_no_more_than_the_headline(post: Post) -> None:
    assert post.channel.send(message(), DUTY) == Taken()
    (mail,) = post.box.taken
    assert mail["Subject"] == "P1 BREACH_ARREST KENT-2026-00007"
    assert mail["To"] == "duty@kent.example"


def test_a_repeat_is_the_same_mail(post: Post) -> None:
    post.box.says = "451 try again"
    assert post.channel.send(message(), DUTY) == NotNow("SMTP 451")
    post.box.says = "250 OK"
    assert post.channel.send(message(), DUTY) == Taken()
    first, again = post.box.taken
    assert first["Message-ID"] == again["Message-ID"]


def test_a_mailbox_that_does_not_exist_is_left_to_the_next_channel(post: Post) -> None:
    post.box.to_the_recipient = "550 no such mailbox"
    assert post.channel.send(message(), DUTY) == Never("SMTP 550")
    post.box.to_the_recipient = "450 busy"
    assert post.channel.send(message(), DUTY) == NotNow("SMTP 450")


def test_a_server_that_offers_no_tls_is_told_nothing(post: Post) -> None:
    mailer = Mailer(post.channel._mailer.host, post.channel._mailer.port, "a@b.example")
    assert isinstance(MailChannel("mail", mailer).send(message(), DUTY), NotNow)
    assert post.box.taken == []


def test_nobody_there() -> None:
    nowhere = MailChannel("mail", Mailer("127.0.0.1", 1, "a@b.example"))
    assert isinstance(nowhere.send(message(), DUTY), NotNow)
