"""Which event of an alert becomes which message to the outside, and under which id."""

from types import MappingProxyType
from uuid import UUID, uuid5

from consumers.channels.message import Message
from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk.events import AlertResounded, EscalationStepFired
from domain.desk.record import AlertOnRecord
from domain.events import RecordedEvent
from domain.published import OrderEvent
from domain.register import OrderRegister

WHAT = MappingProxyType(
    {
        AlertRaised.TOPIC: "raised",
        AlertWithdrawn.TOPIC: "withdrawn",
        AlertResounded.TOPIC: "resounded",
        EscalationStepFired.TOPIC: "escalated",
    }
)
"""What people outside are told of; the rest stays on the board."""


def message_id(event: OrderEvent) -> UUID:
    """The alert's own id when it is raised; later news of it under ids of their own."""
    if event.topic == AlertRaised.TOPIC:
        return event.stream_id
    return uuid5(event.stream_id, f"{WHAT[event.topic]}:{event.version}")


def message_of(event: OrderEvent, register: OrderRegister, *, exercise: bool) -> Message:
    """The message, as of the alert at that event. Raises `LookupError` for one never raised."""
    case = AlertOnRecord(event.stream_id)
    history: list[RecordedEvent] = list(register.events.get(event.stream_id, lte=event.version))  # type: ignore[arg-type]
    case.fold(history)
    if case.raised is None:
        msg = f"alert {event.stream_id} has events but was never raised"
        raise LookupError(msg)
    last = history[-1]
    return Message(
        id=message_id(event),
        alert=case.id,
        what=WHAT[event.topic],
        raised=case.raised,
        priority=case.priority,
        at=last.envelope.recorded_at,
        exercise=exercise,
        event=event,
        tells=last.event.tells if isinstance(last.event, EscalationStepFired) else None,
    )
