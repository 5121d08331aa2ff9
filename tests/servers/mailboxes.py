"""A real SMTP server whose mailboxes a test looks into."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.program import PATIENCE
from tests.servers.ports import free_port


@dataclass
class Mailboxes:
    """Every message by who it was for."""

    port: int
    _held: list[tuple[str, EmailMessage]] = field(default_factory=list)

    def to(self, address: str) -> list[EmailMessage]:
        return [message for each, message in list(self._held) if each == address]

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        message = message_from_bytes(envelope.content, policy=default)
        self._held += [(each, message) for each in envelope.rcpt_tos]
        return "250 kept"


@contextmanager
def mailboxes() -> Iterator[Mailboxes]:
    post = Mailboxes(free_port())
    controller = Controller(post, hostname="127.0.0.1", port=post.port, ready_timeout=PATIENCE)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
