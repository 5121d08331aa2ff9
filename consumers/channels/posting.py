"""Signed posts to somebody's URL: looked at before we go there, cut off in time, repeated until 2xx."""

import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from pydantic import SecretStr

from consumers.channels.cut_off import cut_after
from consumers.channels.message import Message, Never, NotNow, Recipient, Reply, Taken
from consumers.channels.outward import NotOutward, Place, outward
from consumers.channels.signatures import Signer

SILENCE, ATTEMPT = 4.0, 8.0
"""Seconds: without a byte, and in all, after which an attempt is cut off."""

_SUCCESS = range(200, 300)
_GONE, _TOO_MANY, _SERVER_FAULT = 410, 429, 500


@dataclass(frozen=True, slots=True)
class Form:
    """How a message is written for those who take it by this channel."""

    content_type: str
    written: Callable[[Message], str]


class PostingChannel:
    """Messages of one form, posted. Redirects are not followed: our settings say where to go."""

    def __init__(
        self,
        name: str,
        form: Form,
        keys: Sequence[SecretStr],
        clock: Callable[[], datetime],
        *,
        inside: bool = False,
        authority: Path | None = None,
    ) -> None:
        """`inside` lets a recipient be in our own network.

        `authority` is a file of certificates to trust in place of the machine's.
        """
        self._name = name
        self._form = form
        self._signer = Signer(keys)
        self._clock = clock
        self._inside = inside
        cafile = None if authority is None else str(authority)
        self._tls = ssl.create_default_context(cafile=cafile)

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: Message, to: Recipient) -> Reply:
        body = self._form.written(message)
        try:
            place = outward(to.address.get_secret_value(), inside=self._inside)
            return self._reply(*self._post(place, str(message.id), body))
        except NotOutward as refused:
            return Never(str(refused))
        except (OSError, HTTPException) as fault:
            return NotNow(type(fault).__name__)

    def close(self) -> None:
        """Nothing is kept open between two messages."""

    def _post(self, place: Place, message_id: str, body: str) -> tuple[int, str | None]:
        """Status and Retry-After. What else the other side says is not read."""
        headers = {
            "content-type": self._form.content_type,
            "user-agent": "spowatch",
            **self._signer.headers(message_id, body, self._clock()),
        }
        with (
            closing(self._connection(place)) as connection,
            cut_after(ATTEMPT, lambda: connection.sock),
        ):
            connection.request("POST", place.path, body=body.encode(), headers=headers)
            response = connection.getresponse()
            return response.status, response.headers.get("retry-after")

    def _reply(self, status: int, retry_after: str | None) -> Reply:
        if status in _SUCCESS:
            return Taken()
        said = f"HTTP {status}"
        if status == _GONE:
            return Never(said)
        asked = _asked_to_wait(retry_after, self._clock())
        heard = status == _TOO_MANY or status >= _SERVER_FAULT
        return NotNow(said, asked if heard else None, of_all=status == _TOO_MANY)

    def _connection(self, place: Place) -> HTTPConnection:
        return _Plain(place) if place.scheme == "http" else _Secured(place, self._tls)


class _Plain(HTTPConnection):
    """To the address that was looked at."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.host, place.port, timeout=SILENCE)
        self._place = place

    def connect(self) -> None:
        self.sock = _to(self._place)


class _Secured(HTTPSConnection):
    """To the address that was looked at, expecting the host that was named."""

    def __init__(self, place: Place, tls: ssl.SSLContext) -> None:
        super().__init__(place.host, place.port, timeout=SILENCE, context=tls)
        self._place, self._tls = place, tls

    def connect(self) -> None:
        self.sock = self._tls.wrap_socket(_to(self._place), server_hostname=self._place.host)


def _to(place: Place) -> socket.socket:
    return socket.create_connection((place.address, place.port), SILENCE)


def _asked_to_wait(header: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date; nonsense is no answer."""
    if header is None:
        return None
    with suppress(ValueError, OverflowError):
        return timedelta(seconds=max(0, int(header)))
    with suppress(ValueError, TypeError):
        return max(parsedate_to_datetime(header) - now, timedelta(0))
    return None
