"""E-mail over SMTP: the headline and where to look. The same Message-ID on every repeat."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from pydantic import SecretStr

from consumers.channels.cut_off import cut_after
from consumers.channels.message import Message, Never, NotNow, Recipient, Reply, Taken

SILENCE, ATTEMPT = 4.0, 8.0
"""Seconds: without a word, and in all, after which an attempt is cut off."""

_WELCOME, _PERMANENT = 220, 500


@dataclass(frozen=True, slots=True)
class Mailer:
    """The server we hand mail to. `tls`: STARTTLS before anything is said, as it must be off loopback."""

    host: str
    port: int
    sender: str
    tls: bool = True
    user: str | None = None
    password: SecretStr | None = None


class MailChannel:
    """Mailboxes, by one server. Accepted by the server is not yet read by anyone."""

    def __init__(self, name: str, mailer: Mailer) -> None:
        self._name = name
        self._mailer = mailer

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: Message, to: Recipient) -> Reply:
        server = _Server(self._mailer)
        try:
            with cut_after(ATTEMPT, lambda: server.sock):
                server.enter()
                server.send_message(self._written(message, to))
        except smtplib.SMTPRecipientsRefused as refused:
            return _refusal(refused)
        except smtplib.SMTPResponseException as fault:
            return NotNow(f"SMTP {fault.smtp_code}")
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            return NotNow(type(fault).__name__)
        finally:
            _hang_up(server)
        return Taken()

    def close(self) -> None:
        """Nothing is kept open between two messages."""

    def _written(self, message: Message, to: Recipient) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = message.headline
        mail["From"], mail["To"] = self._mailer.sender, to.address.get_secret_value()
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.id}@{self._mailer.sender.rpartition('@')[2]}>"
        mail["X-Priority"] = "1" if message.priority == 1 else "3"
        mail["Auto-Submitted"] = "auto-generated"
        told = f"{message.headline}\n\n{message.instruction}\n\nAlert {message.alert}\n"
        mail.set_content(f"{told}Everything else is on the board, behind your sign-in.\n")
        return mail


class _Server(smtplib.SMTP):
    """One conversation with it. We give the sender's domain as our name, never this machine's."""

    def __init__(self, mailer: Mailer) -> None:
        super().__init__(local_hostname=mailer.sender.rpartition("@")[2], timeout=SILENCE)
        self._host = mailer.host
        self._mailer = mailer

    def enter(self) -> None:
        mailer = self._mailer
        code, said = self.connect(mailer.host, mailer.port)
        if code != _WELCOME:
            raise smtplib.SMTPConnectError(code, said)
        if mailer.tls:
            self.starttls(context=ssl.create_default_context())
        if mailer.user is not None and mailer.password is not None:
            self.login(mailer.user, mailer.password.get_secret_value())


def _refusal(refused: smtplib.SMTPRecipientsRefused) -> Reply:
    codes = [code for code, _ in refused.recipients.values()]
    said = f"SMTP {max(codes)}"
    return Never(said) if min(codes) >= _PERMANENT else NotNow(said)


def _hang_up(server: _Server) -> None:
    """What the server says to our goodbye changes nothing: it has the mail, or it has not."""
    with suppress(OSError, smtplib.SMTPException, ValueError), cut_after(1.0, lambda: server.sock):
        server.quit()
    server.close()
