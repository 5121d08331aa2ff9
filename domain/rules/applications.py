"""Who may apply, for whom, to which court (s.1), and what ends an application."""

from domain.events import RecordedEvent
from domain.facts import court
from domain.forces import ForceKind, find_force
from domain.history import ADULT, History, happened
from domain.regimes import NI_PSA_2022

CRIMINAL_RESPONSIBILITY = 10
_NI_APPLICANT = "PSNI"


def application(history: History, recorded: RecordedEvent[court.ApplicationMade]) -> str | None:
    fact = recorded.event
    if history.application is not None:
        return "APPLICATION_ALREADY_MADE"
    if history.regime.anyone_may_apply:
        return _age(fact)
    northern_ireland = history.regime is NI_PSA_2022 or fact.regime == "NI"
    return (
        _applicant(fact, northern_ireland=northern_ireland)
        or _age(fact)
        or (None if northern_ireland else _nexus(fact))
    )


def _applicant(fact: court.ApplicationMade, *, northern_ireland: bool) -> str | None:
    force = find_force(fact.force)
    if fact.applicant not in ("chief_officer", "chief_constable") or force is None:
        return "APPLICANT_NOT_CHIEF_OFFICER"
    if northern_ireland:
        return None if force is find_force(_NI_APPLICANT) else "APPLICANT_NOT_CHIEF_OFFICER"
    return "APPLICANT_NOT_CHIEF_OFFICER" if force.kind is ForceKind.INELIGIBLE else None


def _nexus(fact: court.ApplicationMade) -> str | None:
    """s.1(3) ties territorial forces to their area; the two special forces have no area test."""
    force = find_force(fact.force)
    special = force is not None and force.kind is ForceKind.SPECIAL
    return None if special or fact.nexus is not None else "NO_AREA_NEXUS"


def _age(fact: court.ApplicationMade) -> str | None:
    age = fact.defendant_age
    if age is None or age >= ADULT:
        return None
    if age < CRIMINAL_RESPONSIBILITY:
        return "BELOW_AGE_OF_CRIMINAL_RESPONSIBILITY"
    return None if fact.court == "youth" else "YOUTH_COURT_REQUIRED"


def pending(history: History, recorded: RecordedEvent) -> str | None:
    pending_then = history.application_pending_at(happened(recorded))
    return None if pending_then else "NO_APPLICATION_PENDING"
