"""Enforcement: biometrics, charges, outcomes and retractions (ss.8, 10 and 11)."""

from types import MappingProxyType

from domain.events import RecordedEvent
from domain.facts import breaches, notification
from domain.history import History, happened, incident_of
from domain.notification import duties
from domain.offences import NOT_ONCE_ONLY, Offence


def biometrics(
    history: History, recorded: RecordedEvent, fact: notification.BiometricsRefused
) -> str | None:
    """s.10(5): a request to verify identity comes first."""
    asked = any(
        getattr(request.event, "purpose", "") == "verify_identity"
        and happened(request) <= happened(recorded)
        for request in history.biometrics_requests
    )
    return None if asked else "BIOMETRICS_NOT_REQUESTED"


def charged(history: History, recorded: RecordedEvent, fact: breaches.Charged) -> str | None:
    """s.11(5): once for each failure; each new name or address not notified is another."""
    if fact.offence in NOT_ONCE_ONLY:
        return None
    kind = _DUTY_OF.get(fact.offence)
    failures = [duty for duty in duties(history, happened(recorded)) if duty.kind == kind]
    already = history.charges.count(fact.offence)
    return "ALREADY_PROSECUTED_FOR_SAME_FAILURE" if already >= max(1, len(failures)) else None


_DUTY_OF = MappingProxyType(
    {Offence.INITIAL: "initial", Offence.NAME: "name", Offence.ADDRESS: "address"}
)


def outcome(history: History, recorded: RecordedEvent, fact: breaches.CourtOutcome) -> str | None:
    barred = fact.offence == Offence.BREACH and fact.disposal == "conditional_discharge"
    return "CONDITIONAL_DISCHARGE_BARRED" if barred else None


def retracted(
    history: History, recorded: RecordedEvent, fact: breaches.BreachRetracted
) -> str | None:
    reports = (*history.reports, *history.appointments)
    known = {incident_of(report) for report in reports}
    missing = fact.incident not in known if fact.incident is not None else not known
    return "NOTHING_TO_RETRACT" if missing else None


RULES = MappingProxyType(
    {
        notification.BiometricsRefused: biometrics,
        breaches.Charged: charged,
        breaches.CourtOutcome: outcome,
        breaches.BreachRetracted: retracted,
    }
)
