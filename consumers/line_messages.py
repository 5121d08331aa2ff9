"""A line test as a message to the outside: marked as a test wherever somebody could take it for real."""

from consumers.channels.message import LINE_TEST, Channel, Message, Taken
from consumers.recipients import Recipients
from domain.alerts import AlertCode, AlertRaised, Priority
from domain.line_tests import LineTest
from domain.published import OrderEvent

TAKE_THEM = frozenset({"webhook", "cap"})
"""Channels to machines. Nobody's telephone rings each minute: there the lane alone is tested."""


def sent(test: LineTest, event: OrderEvent, channel: Channel, recipients: Recipients) -> bool:
    """Whether the test went as far as it goes by that channel."""
    if channel.name not in TAKE_THEM:
        return True
    message = line_message(test, event)
    return all(isinstance(channel.send(message, to), Taken) for to in recipients.of(message))


def line_message(test: LineTest, event: OrderEvent) -> Message:
    """Raises `LookupError` for a test that was never raised. What stands for an alert is on no record."""
    if test.raised is None:
        msg = f"line test {test.id} was never raised"
        raise LookupError(msg)
    stands_for = AlertRaised(
        code=AlertCode.LINE_TEST,
        rule="line_test.v1",
        cause=test.id,
        order_id=test.id,
        reference="LINE-TEST",
        force="",
        priority=Priority.ROUTINE,
        due_at=test.raised.begun_at,
        raised_at=test.raised.raised_at,
    )
    return Message(
        id=test.id,
        alert=test.id,
        what=LINE_TEST,
        raised=stands_for,
        priority=Priority.ROUTINE,
        at=test.raised.raised_at,
        event=event,
    )
