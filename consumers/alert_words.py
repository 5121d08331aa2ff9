"""What a console says of one alert: raised, withdrawn, who is told next, sounding again, passed to another force."""

from typing import Any

from consumers.channels.message import Message
from domain.alerts import ALERT_CLASS, INSTRUCTIONS, AlertCode, AlertRaised


def raised_message(raised: AlertRaised) -> dict[str, Any]:
    """What may be said aloud in a control room: the order and the act, nobody's name."""
    code = AlertCode(raised.code)
    return {
        "what": "raised",
        "code": raised.code,
        "class": str(ALERT_CLASS[code]),
        "priority": raised.priority,
        "force": raised.force,
        "answers": raised.answers or raised.force,
        "must_know": list(raised.must_know),
        "order": raised.reference,
        "condition": raised.condition,
        "due_at": raised.due_at.isoformat(),
        "raised_at": raised.raised_at.isoformat(),
        "late_by_seconds": round((raised.raised_at - raised.due_at).total_seconds(), 3),
        "late_because": raised.late_because,
        "instruction": INSTRUCTIONS[code],
    }


def step_message(message: Message) -> dict[str, Any]:
    """What was done about it, or nobody did, since it was raised; under the alert's own id."""
    return raised_message(message.raised) | {
        "what": message.what,
        "at": message.at.isoformat(),
        "alert": str(message.alert),
        "priority": message.priority,
        "held_by": message.held_by,
        "step": message.step,
        "tells": message.tells,
        "other_force": message.with_force or None,
        "instruction": _WORDS[message.what](message),
    }


def _escalated(message: Message) -> str:
    role = str(message.tells).replace("_", " ")
    return f"Nobody has answered for this alert. Step {message.step}: the {role} is told now."


def _telling_overdue(_: Message) -> str:
    return (
        "The protected person was not told in time. A supervisor sees to it now: tell them by the safe way of "
        "contact alone, and record it."
    )


def _resounded(_: Message) -> str:
    return "The person broke an order again. Whoever had this alert must take it again."


def _offered(message: Message) -> str:
    to, holder = message.with_force, message.held_by
    return f"{holder} asks {to} to take this alert over. It stays with {holder} until {to} accepts."


def _accepted(message: Message) -> str:
    return f"{message.held_by} has taken this alert over from {message.with_force}."


def _rejected(message: Message) -> str:
    return f"The other force did not take this alert over. It stays with {message.held_by}."


def _timed_out(message: Message) -> str:
    to, holder = message.with_force, message.held_by
    return f"{to} did not answer in time. This alert stays with {holder}."


_WORDS = {
    "escalated": _escalated,
    "telling_overdue": _telling_overdue,
    "resounded": _resounded,
    "transfer_offered": _offered,
    "transfer_accepted": _accepted,
    "transfer_rejected": _rejected,
    "transfer_timed_out": _timed_out,
}
