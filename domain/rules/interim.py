"""Interim orders: who may ask, what they need, who may change them (s.5)."""

from domain.court_orders import OrderKind
from domain.events import RecordedEvent
from domain.facts import court
from domain.forces import find_force
from domain.history import History, happened
from domain.rules.grants import compatible, content


def applied(history: History, recorded: RecordedEvent[court.InterimApplied]) -> str | None:
    fact = recorded.event
    if not history.application_pending_at(happened(recorded)):
        return "INTERIM_WITHOUT_MAIN_APPLICATION"
    if fact.force is not None and not _applied_for_it(history, fact.force):
        return "INTERIM_APPLICANT_MISMATCH"
    return None


def granted(history: History, recorded: RecordedEvent[court.InterimOrderGranted]) -> str | None:
    fact = recorded.event
    if not history.application_pending_at(happened(recorded)):
        return "INTERIM_WITHOUT_MAIN_APPLICATION"
    if fact.last_day is None:
        return "INTERIM_NEEDS_FIXED_PERIOD"
    return content(fact.conditions) or compatible(history, fact.conditions or ())


_Change = (
    court.InterimRenewed
    | court.InterimVaried
    | court.InterimDischarged
    | court.InterimDischargeRefused
)


def changed(history: History, recorded: RecordedEvent[_Change]) -> str | None:
    fact = recorded.event
    if history.order_at(happened(recorded), OrderKind.INTERIM) is None:
        return "ORDER_NOT_IN_FORCE"
    if not _may_change(history, fact):
        return "INTERIM_S5_7_APPLICANT"
    adds = fact.adds if isinstance(fact, court.InterimVaried) else ()
    return (content(adds) or compatible(history, adds)) if adds else None


def _may_change(history: History, fact: _Change) -> bool:
    if fact.applicant in ("chief_officer", None):
        return fact.force is None or _applied_for_it(history, fact.force)
    return fact.applicant == "defendant"


def _applied_for_it(history: History, force: str) -> bool:
    applied = history.application
    return applied is not None and find_force(force) is find_force(applied.force)
