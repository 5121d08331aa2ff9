"""What keeps people outside from being told, as it is said on the console: somebody else must tell them."""

from typing import Any

from domain.alerts import AlertClass, Priority
from domain.desk.deliveries import DeliveryNotTaken
from domain.desk.receivers import ReceiverFailing, ReceiverGone
from domain.desk.sending import HeldBecause, SendingHeld
from domain.events import Event
from domain.published import OrderEvent
from domain.register import OrderRegister

RECEIVER_TROUBLE = frozenset(
    {ReceiverFailing.TOPIC, ReceiverGone.TOPIC, DeliveryNotTaken.TOPIC, SendingHeld.TOPIC}
)
_FAILING = (
    "A receiver outside has not taken several messages; each is repeated. Tell them by telephone, and see "
    "whether they, or the way there, are down."
)
_GONE = (
    "A receiver outside said that it is gone for good; nothing more is sent there. Tell them by telephone, "
    "and put its address right."
)
_NOT_TAKEN = "A receiver outside has not taken word of this alert; it is repeated. Tell them by telephone now."
_NEVER_TAKEN = (
    "A receiver outside refused word of this alert, and it is not repeated. Tell them by telephone now, and "
    "put right how they are reached."
)
_HELD = {
    HeldBecause.NEW_MACHINE: (
        "Nothing goes out from a machine or directory that is new to this store. Tell people outside by "
        "telephone; whoever is on call looks, and runs spowatch release-sending."
    ),
    HeldBecause.LOG_WENT_BACK: (
        "Nothing goes out: this store was restored, and has forgotten what was sent. Tell people outside by "
        "telephone; whoever is on call looks, and runs spowatch release-sending."
    ),
}


def receiver_message(event: OrderEvent, register: OrderRegister) -> dict[str, Any]:
    """Raises `LookupError` when there is no such event."""
    found = list(register.events_of(event.stream_id, gt=event.version - 1, lte=event.version))
    for recorded in found:
        said = _said(recorded.event, register)
        if said:
            return {"class": str(AlertClass.REVIEW), "priority": int(Priority.IMMEDIATE)} | said
    msg = f"no trouble of a receiver is recorded at {event.stream_id}, {event.version}"
    raise LookupError(msg)


def _said(trouble: Event, register: OrderRegister) -> dict[str, Any]:
    match trouble:
        case ReceiverFailing():
            return _receiver("failing", trouble, _FAILING)
        case ReceiverGone():
            return _receiver("gone", trouble, _GONE)
        case DeliveryNotTaken():
            return _not_taken(trouble, register)
        case SendingHeld():
            why = trouble.why
            return {
                "what": "sending_held",
                "code": "SENDING_HELD",
                "sender": trouble.sender,
                "why": str(why),
                "instruction": _HELD[why],
            }
        case _:
            return {}


def _receiver(
    how: str, trouble: ReceiverFailing | ReceiverGone, instruction: str
) -> dict[str, Any]:
    return {
        "what": f"receiver_{how}",
        "code": f"RECEIVER_{how.upper()}",
        "receiver": trouble.receiver,
        "said": trouble.said,
        "instruction": instruction,
    }


def _not_taken(trouble: DeliveryNotTaken, register: OrderRegister) -> dict[str, Any]:
    raised = register.alert(trouble.alert_id).raised
    failed = trouble.state == "failed"
    return {
        "what": "not_taken",
        "code": "MESSAGE_NOT_TAKEN",
        "priority": trouble.priority,
        "alert": str(trouble.alert_id),
        "order": None if raised is None else raised.reference,
        "channel": trouble.channel,
        "receiver": trouble.receiver,
        "said": trouble.said,
        "instruction": _NEVER_TAKEN if failed else _NOT_TAKEN,
    }
