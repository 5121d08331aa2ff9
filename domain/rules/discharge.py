"""Discharge of the full order: free after two years, with named consents before (s.4(4)(b))."""

from datetime import datetime
from types import MappingProxyType

from domain.calendar import anniversary, start_of
from domain.court_orders import OrderKind
from domain.events import RecordedEvent
from domain.facts import court
from domain.history import History, happened
from domain.regimes import NI_PSA_2022
from domain.rules.section_4 import eligible, heard, in_force


def discharged(history: History, recorded: RecordedEvent[court.OrderDischarged]) -> str | None:
    return (
        in_force(history, recorded)
        or eligible(history, recorded.event)
        or heard(recorded.event)
        or _consents(history, recorded)
    )


def _consents(history: History, recorded: RecordedEvent[court.OrderDischarged]) -> str | None:
    fact, at = recorded.event, happened(recorded)
    order = history.order_at(at, OrderKind.FULL)
    years = history.regime.early_discharge_years
    if order is None or years is None or at >= start_of(anniversary(order.made_on, years)):
        return None
    if fact.consents is None and fact.applicant is None:
        return None  # a bare record that the court discharged it is taken as lawfully done
    if _complete(history, fact, _residence_area(history, fact, at)):
        return None
    return "DISCHARGE_UNDER_2_YEARS_CONSENT_MISSING"


def _residence_area(history: History, fact: court.OrderDischarged, at: datetime) -> str | None:
    """The area stated, else the one the person last moved to (s.4(4)(b)(ii))."""
    moves = [move for move in history.moves if happened(move) <= at]
    if fact.residence_area is not None or not moves:
        return fact.residence_area
    return max(moves, key=happened).event.to_area


def _complete(history: History, fact: court.OrderDischarged, residence: str | None) -> bool:
    given = set(fact.consents or ())
    if "defendant" not in given:
        return False
    if history.regime is NI_PSA_2022:
        return any(consent.startswith("chief_") for consent in given)
    if fact.applicant == "chief_officer":
        return bool(
            given & {"chief_officer_making_application", _ROLE_CONSENT.get(fact.role or "")}
        )
    return "chief_officer_applied" in given and (
        residence != "EW-other-force" or "chief_officer_residence" in given
    )


_ROLE_CONSENT = MappingProxyType(
    {"applied_for_order": "chief_officer_applied", "residence_area": "chief_officer_residence"}
)
