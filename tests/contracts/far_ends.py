"""What is at the other end of a channel: it takes messages, or does what it is told to do instead."""

import asyncio
import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any, Protocol

from aiosmtpd.controller import Controller

from tests.program import PATIENCE
from tests.servers.ports import free_port
from tests.servers.receiver import Receiver, receiving

NOTIFY_ID = "0f5a1b22-0000-4000-8000-000000000001"


class FarEnd(Protocol):
    """Does in turn what it is told: takes, fails, busy, refuses, drops, garbage, hangs, trickles."""

    def told_to(self, *what: str) -> None: ...

    def ids(self) -> list[str]:
        """Of every message that reached it, taken or not, in order."""
        ...

    def wire(self) -> bytes:
        """All that ever reached it."""
        ...


_HTTP: dict[str, int | str] = {
    "takes": 201,
    "fails": 500,
    "busy": 429,
    "refuses": 410,
    "drops": "drop",
    "garbage": "garbage",
    "hangs": "hang",
    "trickles": "trickle",
}


@dataclass
class HttpEnd:
    """An endpoint, or GOV.UK Notify, which refuses a number with 400."""

    receiver: Receiver
    notify: bool = False

    def told_to(self, *what: str) -> None:
        refusal: dict[str, int | str] = {"refuses": 400} if self.notify else {}
        self.receiver.script = deque((_HTTP | refusal)[each] for each in what)

    def ids(self) -> list[str]:
        if self.notify:
            return [json.loads(each.body)["reference"] for each in self.receiver.reached]
        return [each.headers["webhook-id"] for each in self.receiver.reached]

    def wire(self) -> bytes:
        return "\n".join(
            f"{each.path}\n{each.headers}\n{each.body}" for each in self.receiver.reached
        ).encode()


@dataclass
class MailEnd:
    """An SMTP server."""

    script: deque[str] = field(default_factory=deque)
    reached: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    port: int = 0

    def told_to(self, *what: str) -> None:
        self.script = deque(what)

    def ids(self) -> list[str]:
        mails = (message_from_bytes(each, policy=policy.default) for each in self.reached)
        return [str(mail["Message-ID"]) for mail in mails]

    def wire(self) -> bytes:
        return "\n".join(self.said).encode() + b"".join(self.reached)

    async def handle_RCPT(  # noqa: N802 - the library's name for it
        self, _: Any, session: Any, envelope: Any, address: str, __: Any
    ) -> str:
        self.said += [session.host_name, envelope.mail_from, address]
        if self.script and self.script[0] == "refuses":
            self.script.popleft()
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:  # noqa: N802 - the library's name for it
        self.reached.append(envelope.content)
        match self.script.popleft() if self.script else "takes":
            case "fails":
                return "451 try again"
            case "busy":
                return "421 too many connections"
            case "garbage":
                return "\x00never heard of SMTP"
            case "drops":
                server.transport.abort()
            case "hangs":
                await asyncio.sleep(120)
            case "trickles":
                await self._trickle(server)
            case _:
                pass
        return "250 OK"

    async def _trickle(self, server: Any) -> None:
        """A line of the answer now and then, and never the last."""
        for _ in range(600):
            server.transport.write(b"250-wait\r\n")
            await asyncio.sleep(0.2)


@contextmanager
def http_end(*, notify: bool = False) -> Iterator[HttpEnd]:
    answer = json.dumps({"id": NOTIFY_ID}).encode() if notify else b""
    with receiving(answer=answer) as receiver:
        receiver.script.clear()
        yield HttpEnd(receiver, notify)


@contextmanager
def mail_end() -> Iterator[MailEnd]:
    end = MailEnd(port=free_port())
    controller = Controller(end, hostname="127.0.0.1", port=end.port, ready_timeout=PATIENCE)
    controller.start()
    try:
        yield end
    finally:
        controller.stop()
