"""Places how the order is managed in the history."""

from domain.events import RecordedEvent
from domain.facts import managing
from domain.history import History


def officer_assigned(history: History, recorded: RecordedEvent[managing.OfficerAssigned]) -> None:
    history.officer = recorded.event.officer


def appointment_listed(
    history: History, recorded: RecordedEvent[managing.AppointmentListed]
) -> None:
    history.appointments_listed.append(recorded)


def appointment_kept(history: History, recorded: RecordedEvent[managing.AppointmentKept]) -> None:
    history.appointments_kept.append(recorded)


def review_listed(history: History, recorded: RecordedEvent[managing.ReviewListed]) -> None:
    history.review = recorded
