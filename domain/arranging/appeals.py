"""Places appeals to the Crown Court, and what it made of them (s.7), in the history."""

from domain.arranging.court import ends, make_full, make_interim, started
from domain.calendar import legal_day
from domain.court_orders import CourtOrder, EndCause, OrderKind, first_terms
from domain.events import RecordedEvent
from domain.facts import court
from domain.history import History, happened


def lodged(history: History, recorded: RecordedEvent[court.AppealLodged]) -> None:
    history.appeals.append(recorded.event.against)
    history.appeals_pending += 1


def dismissed(history: History, recorded: RecordedEvent) -> None:
    history.appeals_pending = max(0, history.appeals_pending - 1)


def allowed(history: History, recorded: RecordedEvent[court.AppealAllowed]) -> None:
    history.appeals_pending = max(0, history.appeals_pending - 1)
    against = next(reversed(history.appeals), "")
    if "s4_" in against:
        _section_4_decided(history, recorded)
    elif recorded.event.effect == "order_quashed":
        kind = OrderKind.INTERIM if against in _OF_AN_INTERIM else OrderKind.FULL
        ends(kind, EndCause.QUASHED)(history, recorded)
    else:
        _made(history, recorded, against)


_OF_AN_INTERIM = ("making_interim", "refusal_interim")


def _section_4_decided(history: History, recorded: RecordedEvent[court.AppealAllowed]) -> None:
    """s.7(1)(b)-(c), (3): what was appealed is the order under s.4; the full order stands."""
    fact, at = recorded.event, happened(recorded)
    order = history.latest(OrderKind.FULL)
    if order is None:
        return
    present = bool(fact.defendant_present)
    if fact.effect == "order_quashed":
        order.undo_section_4(at, known_to_defendant=present)
        return
    if fact.last_day is not None or fact.until is not None:
        order.last_day = fact.last_day
    if fact.conditions:
        order.restate(at, fact.conditions, known_to_defendant=present)
        history.milestones.append((at, "varied"))


def _made(history: History, recorded: RecordedEvent[court.AppealAllowed], against: str) -> None:
    fact, at = recorded.event, happened(recorded)
    made_on = fact.made_on or legal_day(at)
    of_interim = against in _OF_AN_INTERIM
    order = CourtOrder(
        OrderKind.INTERIM if of_interim else OrderKind.FULL,
        made_on,
        started(at, made_on),
        fact.last_day,
        fact.defendant_present,
        made_on_appeal=True,
    )
    order.terms.append(first_terms(order.start, fact.conditions))
    make = make_interim if of_interim else make_full
    make(history, order, at)
