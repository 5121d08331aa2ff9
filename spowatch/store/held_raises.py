"""When the raise of an alert leaves the log: at once, or where a decision holds it when the hold is over.

The topics of the alert's own events alone say so; nothing of what they hold is opened.
"""

from collections.abc import Iterable
from dataclasses import replace

from eventsourcing.persistence import StoredEvent

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk.events import AlertHeld, EscalationStarted
from domain.published import OrderEvent

MAY_BE_HELD = frozenset({AlertRaised.TOPIC, AlertWithdrawn.TOPIC, EscalationStarted.TOPIC})
SAY_IT = MAY_BE_HELD | {AlertHeld.TOPIC}
_RIGHT_AFTER_THE_RAISE = 2
"""The version of an alert's second event: a hold is recorded with the raise or never."""


def told_as(event: OrderEvent, of_alert: Iterable[StoredEvent]) -> OrderEvent | None:
    """The event as others are told of it, at its own position; None where nobody is.

    `of_alert` is what is stored of its alert, of the topics that `SAY_IT`. Of an alert that was held neither the raise goes out nor a withdrawal before anybody was told. When
    its escalation begins the hold is over, or it became priority 1: then its raise goes.
    """
    if event.topic not in MAY_BE_HELD:
        return event
    upto = max(event.version, _RIGHT_AFTER_THE_RAISE)
    known = [each for each in of_alert if each.originator_version <= upto]
    if AlertHeld.TOPIC not in {each.topic for each in known}:
        return event
    before = {each.topic for each in known if each.originator_version < event.version}
    if event.topic == EscalationStarted.TOPIC:
        over = before & {EscalationStarted.TOPIC, AlertWithdrawn.TOPIC}
        return None if over else replace(event, topic=AlertRaised.TOPIC, version=1)
    return event if EscalationStarted.TOPIC in before else None
