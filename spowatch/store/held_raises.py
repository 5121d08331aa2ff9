"""When the raise of an alert leaves the log: at once, or where a decision holds it when the hold is over.

The topics of the alert's own events alone say so; nothing of what they hold is opened.
"""

from dataclasses import replace

from eventsourcing.persistence import ProcessRecorder

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk.events import AlertHeld, EscalationStarted
from domain.published import OrderEvent

_SAY_IT = frozenset({AlertRaised.TOPIC, AlertWithdrawn.TOPIC, EscalationStarted.TOPIC})
_RIGHT_AFTER_THE_RAISE = 2
"""The version of an alert's second event: a hold is recorded with the raise or never."""


def told_as(event: OrderEvent, recorder: ProcessRecorder) -> OrderEvent | None:
    """The event as others are told of it, at its own position; None where nobody is.

    Of an alert that was held neither the raise goes out nor a withdrawal before anybody was told. When
    its escalation begins the hold is over, or it became priority 1: then its raise goes.
    """
    if event.topic not in _SAY_IT:
        return event
    upto = max(event.version, _RIGHT_AFTER_THE_RAISE)
    known = list(recorder.select_events(event.stream_id, lte=upto))
    if AlertHeld.TOPIC not in {each.topic for each in known}:
        return event
    before = {each.topic for each in known if each.originator_version < event.version}
    if event.topic == EscalationStarted.TOPIC:
        over = before & {EscalationStarted.TOPIC, AlertWithdrawn.TOPIC}
        return None if over else replace(event, topic=AlertRaised.TOPIC, version=1)
    return event if EscalationStarted.TOPIC in before else None
