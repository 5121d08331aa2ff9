"""A receiver outside that takes nothing, as it is said on the console: people there are not being told."""

from typing import Any

from domain.alerts import AlertClass, Priority
from domain.desk.receivers import ReceiverFailing, ReceiverGone
from domain.events import RecordedEvent
from domain.published import OrderEvent
from domain.register import OrderRegister

RECEIVER_TROUBLE = frozenset({ReceiverFailing.TOPIC, ReceiverGone.TOPIC})
_FAILING = (
    "A receiver outside has not taken several messages; each is repeated. Tell them by telephone, and see "
    "whether they, or the way there, are down."
)
_GONE = (
    "A receiver outside said that it is gone for good; nothing more is sent there. Tell them by telephone, "
    "and put its address right."
)


def receiver_message(event: OrderEvent, register: OrderRegister) -> dict[str, Any]:
    """Raises `LookupError` when there is no such event."""
    found: list[RecordedEvent] = list(
        register.events.get(event.stream_id, gt=event.version - 1, lte=event.version)  # type: ignore[arg-type]
    )
    for recorded in found:
        trouble = recorded.event
        if isinstance(trouble, ReceiverFailing | ReceiverGone):
            gone = isinstance(trouble, ReceiverGone)
            return {
                "what": "receiver_gone" if gone else "receiver_failing",
                "code": "RECEIVER_GONE" if gone else "RECEIVER_FAILING",
                "class": str(AlertClass.REVIEW),
                "priority": int(Priority.IMMEDIATE),
                "receiver": trouble.receiver,
                "said": trouble.said,
                "instruction": _GONE if gone else _FAILING,
            }
    msg = f"no trouble of a receiver is recorded at {event.stream_id}, {event.version}"
    raise LookupError(msg)
