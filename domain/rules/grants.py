"""What a full order must be to be lawful (ss.2, 3 and 6), and how else one can come about."""

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType

from domain.calendar import last_day_of_years, legal_day
from domain.conditions import Condition, incompatible
from domain.court_orders import OrderKind
from domain.events import RecordedEvent
from domain.facts import court
from domain.history import History, happened
from domain.regimes import ROUTES_NEEDING_COMMENCEMENT, Regime


def grant(history: History, recorded: RecordedEvent[court.FullOrderGranted]) -> str | None:
    fact = recorded.event
    made_on = fact.made_on or legal_day(happened(recorded))
    return (
        _route(history, recorded, made_on)
        or _court(history, fact)
        or period(history.regime, made_on, fact.last_day, fact.until, fact.conditions)
        or content(fact.conditions)
        or compatible(history, fact.conditions or ())
    )


def _route(
    history: History, recorded: RecordedEvent[court.FullOrderGranted], made_on: date
) -> str | None:
    if made_on < history.regime.commenced_on:
        return "BEFORE_COMMENCEMENT"
    feature = ROUTES_NEEDING_COMMENCEMENT.get(recorded.event.origin)
    if feature is not None:
        commenced_on = history.routes.get(feature)
        open_ = commenced_on is not None and made_on >= commenced_on
        return None if open_ else "ROUTE_NOT_COMMENCED"
    pending = history.application_pending_at(happened(recorded))
    return None if pending else "NO_APPLICATION_PENDING"


def _court(history: History, fact: court.FullOrderGranted) -> str | None:
    """s.14(1): for a defendant under 18 when applied for, the magistrates' court is a youth court."""
    in_adult_court = fact.court == "magistrates" and fact.origin == "application"
    return "YOUTH_COURT_REQUIRED" if history.child and in_adult_court else None


def period(
    regime: Regime,
    made_on: date,
    last_day: date | None,
    until: str | None,
    conditions: Iterable[Condition] | None,
) -> str | None:
    """s.3: a fixed period of at least two years, or until further order; one of them stated."""
    if last_day is None and until is None:
        return "S6_CONTENT_MISSING"
    if regime.minimum_years is None:
        return None
    shortest = last_day_of_years(made_on, regime.minimum_years)
    fixed = [last_day] if last_day is not None else []
    if regime.minimum_binds_each_condition:
        fixed += [c.period.last_day for c in conditions or () if c.period is not None]
    return "FIXED_PERIOD_UNDER_2_YEARS" if any(day < shortest for day in fixed) else None


def content(conditions: tuple[Condition, ...] | None) -> str | None:
    """s.6(c)-(e): each term, its locality and its own period, if it is said to have them."""
    if conditions is None:
        return None
    missing = not conditions or any(condition.lacks_content for condition in conditions)
    return "S6_CONTENT_MISSING" if missing else None


def compatible(history: History, conditions: tuple[Condition, ...]) -> str | None:
    """s.2(6)-(7): a later order may not conflict with an earlier one on the same person."""
    clash = any(
        incompatible(earlier, later)
        for existing in history.existing
        for earlier in existing.conditions
        for later in conditions
    )
    return "INCOMPATIBLE_WITH_EARLIER_SPO" if clash else None


def appeal(history: History, recorded: RecordedEvent[court.AppealLodged]) -> str | None:
    """s.7 lists who may appeal what; a decision on an interim under s.5(8) is not in it."""
    fact = recorded.event
    allowed = fact.against in _APPEALS.get(fact.by, frozenset())
    return None if allowed and _was_decided(fact.against, history) else "APPEAL_NOT_AVAILABLE"


_APPEALS = MappingProxyType(
    {
        "defendant": frozenset(
            {
                "making_interim",
                "making_full",
                "s4_order_on_police_application",
                "refusal_of_own_s4_application",
            }
        ),
        "chief_officer_applied": frozenset(
            {
                "refusal_full",
                "refusal_interim",
                "refusal_of_own_s4_application",
                "s4_order_on_defendant_application",
            }
        ),
        "relevant_chief_officer": frozenset(
            {"refusal_of_own_s4_application", "s4_order_on_defendant_application"}
        ),
    }
)


def _was_decided(against: str, history: History) -> bool:
    """Whether the decision appealed is on record, where the register would hold it."""
    kinds = {order.kind for order in history.orders}
    match against:
        case "making_interim":
            return OrderKind.INTERIM in kinds
        case "making_full":
            return OrderKind.FULL in kinds
        case "refusal_full":
            return history.determination == "refused"
        case "refusal_interim":
            return True
    # s.4 is of the full order: a change of an interim is one under s.5, of which s.7 says nothing.
    return OrderKind.FULL in kinds


def appeal_outcome(history: History, recorded: RecordedEvent) -> str | None:
    return None if history.appeals else "APPEAL_NOT_AVAILABLE"
