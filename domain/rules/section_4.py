"""Variation and renewal of the full order (s.4)."""

from domain.calendar import legal_day
from domain.events import RecordedEvent
from domain.facts import court
from domain.history import History, happened
from domain.rules.grants import compatible, content

_Section4 = court.OrderVaried | court.OrderRenewed | court.OrderDischarged


def changed(
    history: History, recorded: RecordedEvent[court.OrderVaried | court.OrderRenewed]
) -> str | None:
    fact = recorded.event
    return (
        in_force(history, recorded)
        or eligible(history, fact)
        or heard(fact)
        or _necessary(fact)
        or (content(fact.adds) if fact.adds else None)
        or compatible(history, fact.adds)
        or _stated_period(recorded)
    )


def in_force(history: History, recorded: RecordedEvent) -> str | None:
    order = history.made_by_court(happened(recorded))
    return None if order is not None else "ORDER_NOT_IN_FORCE"


def eligible(history: History, fact: _Section4) -> str | None:
    """s.4(1) with s.14(1): the defendant, or a chief officer with one of the three links."""
    if history.regime.anyone_may_apply:
        return None
    by_chief = fact.applicant in ("chief_officer", None) and fact.role != "none"
    return None if by_chief or fact.applicant == "defendant" else "S4_APPLICANT_NOT_ELIGIBLE"


def heard(fact: _Section4) -> str | None:
    """s.4(2). A record silent on who was heard is taken as regular; one that lists them is not."""
    return None if fact.heard is None or "defendant" in fact.heard else "S4_PARTY_NOT_HEARD"


def _necessary(fact: court.OrderVaried | court.OrderRenewed) -> str | None:
    not_found = "necessity_found" in fact.model_fields_set and not fact.necessity_found
    return "VARIATION_NOT_NECESSARY" if fact.adds and not_found else None


def _stated_period(
    recorded: RecordedEvent[court.OrderVaried | court.OrderRenewed],
) -> str | None:
    """A renewal says until when; a day that is over already takes protection away, and is a slip."""
    fact = recorded.event
    if isinstance(fact, court.OrderVaried):
        return None
    if fact.last_day is None:
        return "S6_CONTENT_MISSING" if fact.until is None else None
    over = fact.last_day < legal_day(happened(recorded))
    return "S6_CONTENT_MISSING" if over else None
