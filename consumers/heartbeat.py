"""A heartbeat to a service outside, which raises an alarm when it hears none: healthchecks' own form.

It says that the whole line works, or by URL/fail that some of it does not. If all of us are dead it says
nothing, which is what it is for.
"""

import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from pydantic import SecretStr

from consumers.channels.outward import NotOutward, Place, outward

_SILENCE = 5.0
"""Seconds."""

_SUCCESS = range(200, 300)


class Heartbeat:
    """One address; nothing is sent again: the next beat comes soon enough."""

    def __init__(
        self, url: SecretStr, failed: Callable[[str], None], *, inside: bool = False
    ) -> None:
        """`url` may hold a token and is never shown; `inside` lets it be in our own network.

        `failed` is told why a beat was not taken.
        """
        self._url = url.get_secret_value().rstrip("/")
        self._failed = failed
        self._inside = inside
        self._sending: threading.Thread | None = None

    def beat(self, silent: Sequence[str]) -> None:
        """Say that the line works, or which stages are silent. Returns at once: nobody waits for it."""
        if self.under_way:
            self._failed("the beat before is still under way")
            return
        self._sending = threading.Thread(target=self._send, args=(tuple(silent),), daemon=True)
        self._sending.start()

    @property
    def under_way(self) -> bool:
        """Whether the last beat is still being sent."""
        return self._sending is not None and self._sending.is_alive()

    def _send(self, silent: Sequence[str]) -> None:
        why = self._trouble(silent)
        if why is not None:
            self._failed(why)

    def _trouble(self, silent: Sequence[str]) -> str | None:
        url = f"{self._url}/fail" if silent else self._url
        try:
            place = outward(url, inside=self._inside)
            status = _posted(place, "\n".join(silent).encode())
        except NotOutward as refused:
            return str(refused)
        except (OSError, HTTPException) as fault:
            return type(fault).__name__
        return None if status in _SUCCESS else f"HTTP {status}"


def _posted(place: Place, body: bytes) -> int:
    with closing(_connection(place)) as connection:
        headers = {"user-agent": "spowatch", "content-type": "text/plain"}
        connection.request("POST", place.path, body=body, headers=headers)
        return connection.getresponse().status


def _connection(place: Place) -> HTTPConnection:
    if place.scheme == "http":
        return HTTPConnection(place.host, place.port, timeout=_SILENCE)
    context = ssl.create_default_context()
    return HTTPSConnection(place.host, place.port, timeout=_SILENCE, context=context)
