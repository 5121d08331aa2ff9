"""What was done about an alert, in words: one sentence for each event of the desk."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk import events as said
from domain.desk.outcomes import OUTCOMES, WORDS_OF
from domain.events import Event
from spowatch.wording.plain_words import plain
from spowatch.wording.plain_words import said as said_at


def _raised(event: AlertRaised) -> str:
    about = f", {event.condition}" if event.condition else ""
    return f"Raised: {event.code}{about}, priority {event.priority}, for {event.force}"


def _outcome(event: said.OutcomeRecorded) -> str:
    words = [OUTCOMES[event.outcome].words]
    words += [f"reference {event.reference}"] if event.reference else []
    words += [event.reason] if event.reason else []
    return f"Outcome: {'; '.join(words)}"


def _closed(event: said.AlertClosed) -> str:
    answers = [f"{WORDS_OF[each.question]} {_answer(each)}." for each in event.answers]
    untold = event.not_told_because
    answers += [f"Protected person not told: {untold}"] if untold else []
    return " ".join(["Closed.", *answers])


def _answer(answered: said.Answered) -> str:
    reference = f", {answered.reference}" if answered.reference else ""
    return ("Yes" if answered.yes else "No") + reference


DESK_WORDS: Mapping[type[Event], Callable[[Any], str]] = MappingProxyType(
    {
        AlertRaised: _raised,
        AlertWithdrawn: lambda e: f"Withdrawn: {plain(e.reason)}",
        said.AlertPresented: lambda _: "On a screen for the first time",
        said.AlertHeld: lambda e: f"Held until {said_at(e.until)} by a decision on record",
        said.AlertAcknowledged: lambda e: f"Acknowledged by {e.staff}, {plain(e.duty)}",
        said.AlertSeconded: lambda e: f"Also acknowledged by {e.staff}, {plain(e.duty)}",
        said.LeaseRanOut: lambda e: f"{e.staff} made no progress in time: nobody has it",
        said.AlertResounded: lambda _: "Sounded again: the person broke an order again",
        said.AlertGraded: lambda e: f"Priority set to {e.priority}: {e.reason}",
        said.AlertTasked: lambda e: f"Unit {e.unit} sent, incident {e.incident}",
        said.UnitAttending: lambda e: f"Unit {e.unit} is there",
        said.OutcomeRecorded: _outcome,
        said.AlertReviewed: lambda e: f"Reviewed{f': {e.comment}' if e.comment else ''}",
        said.AlertClosed: _closed,
        said.AlertReopened: lambda e: f"Opened again: {e.reason}",
        said.EscalationStarted: lambda e: f"Escalation begins, policy {e.policy.name}",
        said.EscalationStepFired: lambda e: f"Nobody had answered: the {plain(e.tells)} is told",
        said.ProtectedPersonTried: lambda e: f"Protected person not reached by {plain(e.how)}",
        said.ProtectedPersonTold: lambda e: f"Protected person told by {plain(e.how)}",
        said.TellingOverdue: lambda _: "Protected person not told in time",
        said.TransferOffered: lambda e: f"Offered to {e.to_force}: {e.reason}",
        said.TransferAccepted: lambda e: f"Taken over by {e.force}, {e.staff}",
        said.TransferRejected: lambda e: f"Not taken over: {e.reason}",
        said.TransferTimedOut: lambda _: "The offer was not answered in time",
        said.AlertHandedOver: lambda e: f"Handed over to {e.staff}, {plain(e.duty)}",
    }
)
