"""Which event of an alert becomes which message to people, and under which id."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID, uuid5

from consumers.channels.message import Message
from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk.events import (
    AlertHeld,
    AlertResounded,
    EscalationStarted,
    EscalationStepFired,
    TellingOverdue,
    TransferAccepted,
    TransferOffered,
    TransferRejected,
    TransferTimedOut,
)
from domain.desk.hands import DeskRole
from domain.desk.record import AlertOnRecord
from domain.events import Event, RecordedEvent
from domain.published import OrderEvent
from domain.register import OrderRegister

WHAT = MappingProxyType(
    {
        AlertRaised.TOPIC: "raised",
        EscalationStarted.TOPIC: "raised",
        AlertWithdrawn.TOPIC: "withdrawn",
        AlertResounded.TOPIC: "resounded",
        EscalationStepFired.TOPIC: "escalated",
        TellingOverdue.TOPIC: "telling_overdue",
        TransferOffered.TOPIC: "transfer_offered",
        TransferAccepted.TOPIC: "transfer_accepted",
        TransferRejected.TOPIC: "transfer_rejected",
        TransferTimedOut.TOPIC: "transfer_timed_out",
    }
)
"""What people are told of; the rest stays on the board. Of one that was held they are told when its
escalation begins: the hold has ended, or it became priority 1."""

OF_THE_ALERT = frozenset({"raised", "withdrawn", "resounded", "escalated", "telling_overdue"})
"""What everybody outside is told of; steps of a transfer concern the other force alone."""

_RIGHT_AFTER_THE_RAISE = 2
"""The version of an alert's second event: a hold is recorded with the raise or never."""


def message_id(event: OrderEvent) -> UUID:
    """The alert's own id when it is raised; later news of it under ids of their own."""
    if WHAT[event.topic] == "raised":
        return event.stream_id
    return uuid5(event.stream_id, f"{WHAT[event.topic]}:{event.version}")


def never_held(begun: OrderEvent) -> bool:
    """Whether, of an alert whose escalation begins there, people were told when it was raised."""
    return begun.version <= _RIGHT_AFTER_THE_RAISE


def message_of(event: OrderEvent, register: OrderRegister, *, exercise: bool) -> Message | None:
    """The message, as of the alert at that event; None where by a hold, or for want of one, nobody is told.

    Raises `LookupError` for an alert never raised.
    """
    begins = event.topic == EscalationStarted.TOPIC
    if begins and never_held(event):
        return None
    upto = max(event.version, _RIGHT_AFTER_THE_RAISE)
    known = list(register.events_of(event.stream_id, lte=upto))
    history = [each for each in known if each.originator_version <= event.version]
    was_held = any(isinstance(each.event, AlertHeld) for each in known)
    before, case = AlertOnRecord(event.stream_id), AlertOnRecord(event.stream_id)
    before.fold(history[:-1])
    case.fold(history)
    if (was_held and _silenced(event.topic, before)) or (begins and not was_held):
        return None
    message = _message(case, history[-1], event, exercise=exercise)
    first_at = _first_told_at(history) if was_held else None
    return replace(message, first_at=first_at, with_force=_other_force(history[-1].event, before))


def _message(
    case: AlertOnRecord, last: RecordedEvent, event: OrderEvent, *, exercise: bool
) -> Message:
    if case.raised is None:
        msg = f"alert {event.stream_id} has events but was never raised"
        raise LookupError(msg)
    begins = event.topic == EscalationStarted.TOPIC
    step = last.event if isinstance(last.event, EscalationStepFired) else None
    return Message(
        id=message_id(event),
        alert=case.id,
        what=WHAT[event.topic],
        raised=case.raised,
        priority=case.priority,
        at=last.envelope.recorded_at,
        exercise=exercise,
        event=replace(event, topic=AlertRaised.TOPIC, version=1) if begins else event,
        held_by=case.force,
        tells=_tells(last.event),
        step=None if step is None else step.step + 1,
    )


def _tells(event: Event) -> DeskRole | None:
    """Whose turn it is; to see that the protected person is told is a supervisor's."""
    match event:
        case EscalationStepFired():
            return event.tells
        case TellingOverdue():
            return DeskRole.SUPERVISOR
        case _:
            return None


def _silenced(topic: str, before: AlertOnRecord) -> bool:
    """Of one that was held: neither its raise, nor its end before anybody was told, nor a second beginning."""
    begun = before.escalation.policy is not None
    if topic == EscalationStarted.TOPIC:
        return begun or before.withdrawn is not None
    return not begun and topic in {AlertRaised.TOPIC, AlertWithdrawn.TOPIC}


def _first_told_at(history: Sequence[RecordedEvent]) -> datetime | None:
    starts = (each for each in history if isinstance(each.event, EscalationStarted))
    first = next(starts, None)
    return None if first is None else first.envelope.recorded_at


def _other_force(event: Event, before: AlertOnRecord) -> str:
    """Whose system is told: of an offer and its lapse whoever was asked, of the answer whoever asked."""
    match event:
        case TransferOffered():
            return event.to_force
        case TransferTimedOut() if before.transfer.offer is not None:
            return before.transfer.offer.to_force
        case TransferAccepted() | TransferRejected():
            return before.force
        case _:
            return ""
