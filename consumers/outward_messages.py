"""Which event of an alert becomes which message to the outside, and under which id."""

from types import MappingProxyType
from uuid import UUID, uuid5

from consumers.channels.message import Message
from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk.events import (
    AlertResounded,
    EscalationStepFired,
    TransferAccepted,
    TransferOffered,
    TransferRejected,
    TransferTimedOut,
)
from domain.desk.record import AlertOnRecord
from domain.events import Event, RecordedEvent
from domain.published import OrderEvent
from domain.register import OrderRegister

WHAT = MappingProxyType(
    {
        AlertRaised.TOPIC: "raised",
        AlertWithdrawn.TOPIC: "withdrawn",
        AlertResounded.TOPIC: "resounded",
        EscalationStepFired.TOPIC: "escalated",
        TransferOffered.TOPIC: "transfer_offered",
        TransferAccepted.TOPIC: "transfer_accepted",
        TransferRejected.TOPIC: "transfer_rejected",
        TransferTimedOut.TOPIC: "transfer_timed_out",
    }
)
"""What people outside are told of; the rest stays on the board."""

OF_THE_ALERT = frozenset({"raised", "withdrawn", "resounded", "escalated"})
"""What everybody is told of; steps of a transfer concern the other force alone."""


def message_id(event: OrderEvent) -> UUID:
    """The alert's own id when it is raised; later news of it under ids of their own."""
    if event.topic == AlertRaised.TOPIC:
        return event.stream_id
    return uuid5(event.stream_id, f"{WHAT[event.topic]}:{event.version}")


def message_of(event: OrderEvent, register: OrderRegister, *, exercise: bool) -> Message:
    """The message, as of the alert at that event. Raises `LookupError` for one never raised."""
    case = AlertOnRecord(event.stream_id)
    history: list[RecordedEvent] = list(register.events.get(event.stream_id, lte=event.version))  # type: ignore[arg-type]
    *before, last = history
    case.fold(before)
    owner, offer = case.force, case.transfer.offer
    case.fold([last])
    if case.raised is None:
        msg = f"alert {event.stream_id} has events but was never raised"
        raise LookupError(msg)
    return Message(
        id=message_id(event),
        alert=case.id,
        what=WHAT[event.topic],
        raised=case.raised,
        priority=case.priority,
        at=last.envelope.recorded_at,
        exercise=exercise,
        event=event,
        held_by=case.force,
        tells=last.event.tells if isinstance(last.event, EscalationStepFired) else None,
        with_force=_other_force(last.event, owner, offer),
    )


def _other_force(event: Event, owner: str, offer: TransferOffered | None) -> str:
    """Whose system is told: of an offer and its lapse whoever was asked, of the answer whoever asked."""
    match event:
        case TransferOffered():
            return event.to_force
        case TransferTimedOut() if offer is not None:
            return offer.to_force
        case TransferAccepted() | TransferRejected():
            return owner
        case _:
            return ""
