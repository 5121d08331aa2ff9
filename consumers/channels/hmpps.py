"""Raised and withdrawn alerts as domain events of HM Prison and Probation Service, posted to its gateway."""

from consumers.channels.message import Message
from consumers.channels.posting import Form
from consumers.hmpps_envelope import as_sent, hmpps_event
from domain.published import Outgoing

TOLD_OF = frozenset({"raised", "withdrawn"})
"""What has a form there; the handling of an alert concerns the police alone."""


def hmpps_form(detail_url: str | None) -> Form:
    """`detail_url` is where whoever may know can read the rest, after signing in."""

    def written(message: Message) -> str:
        event = hmpps_event(_outgoing(message), detail_url=detail_url)
        if event is None:
            msg = f"{message.what} has no form as a domain event"
            raise ValueError(msg)
        return as_sent(event).decode()

    return Form("application/json", written)


def _outgoing(message: Message) -> Outgoing:
    if message.event is None:
        msg = "a domain event needs the event that it tells of"
        raise ValueError(msg)
    return Outgoing(
        event=message.event,
        order_id=message.raised.order_id,
        recorded_at=message.at,
        occurred_at=message.at,
        causation_id=message.raised.cause,
    )
