"""Interim orders: who may ask, what they need, who may change them (s.5)."""

from domain.calendar import legal_day
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
    made_on = fact.made_on or legal_day(happened(recorded))
    if made_on < history.regime.commenced_on:
        return "BEFORE_COMMENCEMENT"
    if fact.last_day is None or fact.last_day < made_on:
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
    if _ends_in_the_past(recorded):
        return "INTERIM_NEEDS_FIXED_PERIOD"
    adds = fact.adds if isinstance(fact, court.InterimVaried) else ()
    return (content(adds) or compatible(history, adds)) if adds else None


def _ends_in_the_past(recorded: RecordedEvent[_Change]) -> bool:
    """A new last day that is over already is a slip: it must not take protection away."""
    fact = recorded.event
    changes_the_end = isinstance(fact, court.InterimRenewed | court.InterimVaried)
    last_day = fact.last_day if changes_the_end else None
    return last_day is not None and last_day < legal_day(happened(recorded))


def _may_change(history: History, fact: _Change) -> bool:
    if fact.applicant in ("chief_officer", None):
        return fact.force is None or _applied_for_it(history, fact.force)
    return fact.applicant == "defendant"


def _applied_for_it(history: History, force: str) -> bool:
    applied = history.application
    return applied is not None and find_force(force) is find_force(applied.force)
