"""Delivery, first form: every raised or withdrawn alert is said once on the console channel."""

from collections.abc import Callable
from typing import Any

from consumers.channels.console import ConsoleFile, message_key
from consumers.feed import Feed
from domain.alerts import (
    ALERT_CLASS,
    INSTRUCTIONS,
    AlertCode,
    AlertRaised,
    AlertWithdrawn,
    ArrestAlert,
)
from domain.findings import WithdrawalReason
from domain.published import OrderEvent
from domain.register import OrderRegister

BATCH = 500


class ConsoleDelivery:
    """Says an alert, then moves its bookmark. A crash between the two says nothing twice."""

    def __init__(
        self,
        feed: Feed,
        register: OrderRegister,
        console: ConsoleFile,
        show: Callable[[dict[str, Any]], None],
    ) -> None:
        self._feed = feed
        self._register = register
        self._console = console
        self._show = show

    def work(self, wait: float) -> int:
        """Handle what the feed holds, waiting for it at most `wait` seconds; how many events."""
        events = self._feed.read(limit=BATCH, wait=wait)
        for event in events:
            if event.topic in (AlertRaised.TOPIC, AlertWithdrawn.TOPIC):
                self._deliver(event)
        if events:
            self._feed.commit(events[-1])
        return len(events)

    def _deliver(self, event: OrderEvent) -> None:
        alert = self._register.alert(event.stream_id)
        if alert.raised is None:
            msg = f"alert {event.stream_id} has events but was never raised"
            raise LookupError(msg)
        if _came_and_went(alert) and not self._console.has(message_key(alert.id, "raised")):
            return
        message = raised_message(alert.raised) | {"alert": str(alert.id)}
        if event.topic == AlertWithdrawn.TOPIC and alert.withdrawn is not None:
            message |= {"what": "withdrawn", "reason": str(alert.withdrawn.reason)}
        if self._console.say(message_key(alert.id, message["what"]), message):
            self._show(message)


def _came_and_went(alert: ArrestAlert) -> bool:
    """A concern that was over before anyone could be told; arrests and reviews are always told."""
    return alert.withdrawn is not None and alert.withdrawn.reason is WithdrawalReason.OVER


def raised_message(raised: AlertRaised) -> dict[str, Any]:
    """What may be said aloud in a control room: the order and the act, nobody's name."""
    code = AlertCode(raised.code)
    return {
        "what": "raised",
        "code": raised.code,
        "class": str(ALERT_CLASS[code]),
        "priority": raised.priority,
        "force": raised.force,
        "order": raised.reference,
        "condition": raised.condition,
        "due_at": raised.due_at.isoformat(),
        "raised_at": raised.raised_at.isoformat(),
        "late_by_seconds": round((raised.raised_at - raised.due_at).total_seconds(), 3),
        "instruction": INSTRUCTIONS[code],
    }
