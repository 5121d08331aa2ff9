"""Enforcement: biometrics, charges, outcomes and retractions (ss.8, 10 and 11)."""

from datetime import datetime
from types import MappingProxyType

from domain.events import RecordedEvent
from domain.facts import breaches, notification
from domain.findings import DutyKind
from domain.history import History, happened, incident_of
from domain.notification import duties
from domain.offences import NOT_ONCE_ONLY, Offence


def biometrics(
    history: History, recorded: RecordedEvent[notification.BiometricsRefused]
) -> str | None:
    """s.10(5): a request to verify identity comes first."""
    asked = any(
        request.event.purpose == "verify_identity" and happened(request) <= happened(recorded)
        for request in history.biometrics_requests
    )
    return None if asked else "BIOMETRICS_NOT_REQUESTED"


def charged(history: History, recorded: RecordedEvent[breaches.Charged]) -> str | None:
    """s.11(5): once for each failure; each new name or address not notified is another."""
    offence = recorded.event.offence
    if offence in NOT_ONCE_ONLY:
        return None
    failures = _failures(history, offence, happened(recorded))
    already = history.charges.count(offence)
    return "ALREADY_PROSECUTED_FOR_SAME_FAILURE" if already >= max(1, failures) else None


def _failures(history: History, offence: str, by: datetime) -> int:
    """How often it was committed by then, as far as the record shows."""
    if offence == Offence.BIOMETRICS:
        return len(history.biometrics_refusals)
    if offence == Offence.FALSE_INFORMATION:
        return sum(found.event.knowledge == "known_false" for found in history.found_false)
    missed = (duty for duty in duties(history, by) if duty.missed)
    return sum(_OFFENCE_OF.get(duty.kind) == offence for duty in missed)


_OFFENCE_OF = MappingProxyType(
    {
        DutyKind.INITIAL: Offence.INITIAL,
        DutyKind.NAME: Offence.NAME,
        DutyKind.ADDRESS: Offence.ADDRESS,
    }
)


def outcome(history: History, recorded: RecordedEvent[breaches.CourtOutcome]) -> str | None:
    fact = recorded.event
    barred = fact.offence == Offence.BREACH and fact.disposal == "conditional_discharge"
    return "CONDITIONAL_DISCHARGE_BARRED" if barred else None


def retracted(history: History, recorded: RecordedEvent[breaches.BreachRetracted]) -> str | None:
    fact = recorded.event
    known = {incident_of(report) for report in history.all_reports()}
    missing = fact.incident not in known if fact.incident is not None else not known
    return "NOTHING_TO_RETRACT" if missing else None
