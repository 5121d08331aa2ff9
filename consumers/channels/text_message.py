"""Text messages by GOV.UK Notify's own client: the headline and the alert's first digits.

The client is loaded when there is a telephone to reach: loading it opens a socket, to see what the
machine can do.
"""

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, SecretStr, ValidationError

from consumers.channels.message import (
    Message,
    Never,
    NotNow,
    Receipt,
    Recipient,
    Reply,
    Taken,
)
from domain.desk.deliveries import DeliveryState

_Answer = TypeVar("_Answer")

SILENCE, ATTEMPT = 4.0, 8.0
"""Seconds: without a byte, and in all, after which an attempt is given up."""

_REFUSED = range(400, 500)
_NOT_FOR_EVER = frozenset({401, 403, 408, 429})
"""A key that is wrong is put right by a person; the message is still to be sent."""


class TextMessageChannel:
    """Telephones, by Notify. It knows a repeat by its reference, which is the message's id."""

    def __init__(
        self, name: str, api_key: SecretStr, template: str, *, api: str | None = None
    ) -> None:
        """The template takes `headline` and `alert`. `api` is another address of Notify's."""
        self._name = name
        self._key = api_key
        self._template = template
        self._address = {} if api is None else {"base_url": api}

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: Message, to: Recipient) -> Reply:
        late: Reply = NotNow("no answer in time")
        return _within(ATTEMPT, lambda: self._send(message, to), late)

    def how_far(self, provider_id: str) -> Receipt | None:
        return _within(ATTEMPT, lambda: self._how_far(provider_id), None)

    def close(self) -> None:
        """Nothing is kept open between two messages."""

    def _how_far(self, provider_id: str) -> Receipt | None:
        from notifications_python_client.errors import HTTPError, InvalidResponse
        from requests import RequestException

        client = self._client()
        try:
            return _receipt(client.get_notification_by_id(provider_id))
        except (HTTPError, InvalidResponse, RequestException, OSError):
            return None
        finally:
            client.request_session.close()

    def _send(self, message: Message, to: Recipient) -> Reply:
        from notifications_python_client.errors import HTTPError, InvalidResponse
        from requests import RequestException

        client = self._client()
        try:
            answer = client.send_sms_notification(
                phone_number=to.address.get_secret_value(),
                template_id=self._template,
                personalisation={"headline": message.headline, "alert": message.alert.hex[:8]},
                reference=str(message.id),
            )
        except HTTPError as fault:
            return _refusal(fault.status_code)
        except (InvalidResponse, RequestException, OSError) as fault:
            return NotNow(type(fault).__name__)
        finally:
            client.request_session.close()
        return Taken(str(answer.get("id")) if isinstance(answer, dict) else None)

    def _client(self) -> Any:
        """One for each message: the library's is not for several threads."""
        from notifications_python_client.notifications import NotificationsAPIClient

        # It would log what the other side said, on standard error, among our own lines.
        logging.getLogger("notifications_python_client").addHandler(logging.NullHandler())
        key = self._key.get_secret_value()
        return NotificationsAPIClient(key, timeout=SILENCE, **self._address)  # type: ignore[no-untyped-call]  # the library is not typed


def _refusal(status: int) -> Reply:
    said = f"HTTP {status}"
    lasting = status in _REFUSED and status not in _NOT_FOR_EVER
    return Never(said) if lasting else NotNow(said)


class _Notification(BaseModel):
    """What of Notify's answer we look at."""

    model_config = ConfigDict(frozen=True)

    reference: str
    status: str
    completed_at: AwareDatetime


_ENDED = {
    "delivered": DeliveryState.DELIVERED,
    "permanent-failure": DeliveryState.FAILED,
    "temporary-failure": DeliveryState.FAILED,
    "technical-failure": DeliveryState.FAILED,
}
"""Notify repeats nothing after any of these: a telephone switched off is a temporary failure."""


def _receipt(answer: object) -> Receipt | None:
    """None while it is on its way, and for an answer that is none."""
    try:
        told = _Notification.model_validate(answer)
    except ValidationError:
        return None
    state = _ENDED.get(told.status)
    if state is None:
        return None
    return Receipt(told.reference, state, told.completed_at, f"Notify {told.status}")


def _within(seconds: float, ask: Callable[[], _Answer], else_: _Answer) -> _Answer:
    """A byte now and then must not keep us for ever, and this library's socket is out of reach."""
    answers: SimpleQueue[_Answer] = SimpleQueue()
    threading.Thread(target=lambda: answers.put(ask()), name="notify", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return else_
