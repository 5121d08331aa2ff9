"""Text messages by GOV.UK Notify's own client: the headline and the alert's first digits.

The client is loaded when there is a telephone to reach: loading it opens a socket, to see what the
machine can do.
"""

from pydantic import SecretStr

from consumers.channels.message import Message, Never, NotNow, Reply, Taken

TIMEOUT = 8.0
_REFUSED = range(400, 500)
_NOT_FOR_EVER = frozenset({401, 403, 408, 429})
"""A key that is wrong is put right by a person; the message is still to be sent."""


class TextMessageChannel:
    """One telephone. Notify knows a repeat by its reference, which is the message's id."""

    def __init__(
        self, name: str, api_key: SecretStr, template: str, to: str, *, base_url: str | None = None
    ) -> None:
        """The template takes `headline` and `alert`."""
        from notifications_python_client.notifications import NotificationsAPIClient

        address = {} if base_url is None else {"base_url": base_url}
        self._name = name
        self._client = NotificationsAPIClient(  # type: ignore[no-untyped-call]  # the library is not typed
            api_key.get_secret_value(), timeout=TIMEOUT, **address
        )
        self._template = template
        self._to = to

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: Message) -> Reply:
        from notifications_python_client.errors import HTTPError, InvalidResponse
        from requests import RequestException

        try:
            answer = self._client.send_sms_notification(  # type: ignore[no-untyped-call]
                phone_number=self._to,
                template_id=self._template,
                personalisation={"headline": message.headline, "alert": message.alert.hex[:8]},
                reference=str(message.id),
            )
        except HTTPError as fault:
            return _refusal(fault.status_code)
        except (InvalidResponse, RequestException, OSError) as fault:
            return NotNow(type(fault).__name__)
        return Taken(str(answer.get("id")) if isinstance(answer, dict) else None)

    def close(self) -> None:
        self._client.request_session.close()


def _refusal(status: int) -> Reply:
    said = f"HTTP {status}"
    lasting = status in _REFUSED and status not in _NOT_FOR_EVER
    return Never(said) if lasting else NotNow(said)
