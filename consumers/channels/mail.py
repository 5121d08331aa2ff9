"""E-mail over SMTP: the headline and where to look. The same Message-ID on every repeat."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from pydantic import SecretStr

from consumers.channels.message import Message, Never, NotNow, Reply, Taken

TIMEOUT = 8.0
_PERMANENT = 500


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
    """One mailbox. Accepted by the server is not yet read by anyone."""

    def __init__(self, name: str, mailer: Mailer, to: str) -> None:
        self._name = name
        self._mailer = mailer
        self._to = to

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: Message) -> Reply:
        try:
            with smtplib.SMTP(self._mailer.host, self._mailer.port, timeout=TIMEOUT) as server:
                self._let_in(server)
                server.send_message(self._written(message))
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            said = f"SMTP {max(codes)}"
            return Never(said) if min(codes) >= _PERMANENT else NotNow(said)
        except smtplib.SMTPResponseException as fault:
            return NotNow(f"SMTP {fault.smtp_code}")
        except (OSError, smtplib.SMTPException) as fault:
            return NotNow(type(fault).__name__)
        return Taken()

    def close(self) -> None:
        """Nothing is kept open between two messages."""

    def _let_in(self, server: smtplib.SMTP) -> None:
        if self._mailer.tls:
            server.starttls(context=ssl.create_default_context())
        if self._mailer.user is not None and self._mailer.password is not None:
            server.login(self._mailer.user, self._mailer.password.get_secret_value())

    def _written(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = message.headline
        mail["From"], mail["To"] = self._mailer.sender, self._to
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.id}@{self._mailer.sender.rpartition('@')[2]}>"
        mail["X-Priority"] = "1" if message.priority == 1 else "3"
        mail["Auto-Submitted"] = "auto-generated"
        told = f"{message.headline}\n\n{message.instruction}\n\nAlert {message.alert}\n"
        mail.set_content(f"{told}Everything else is on the board, behind your sign-in.\n")
        return mail
