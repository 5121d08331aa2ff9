"""Service: only of an order that has been made and still runs."""

from domain.events import RecordedEvent
from domain.facts import service
from domain.history import History, happened


def served(history: History, recorded: RecordedEvent[service.OrderServed]) -> str | None:
    fact, at = recorded.event, happened(recorded)
    orders = (*history.orders, *history.dapos)
    in_force = any(order.kind == fact.order_kind and order.in_force_at(at) for order in orders)
    return None if in_force else "ORDER_NOT_IN_FORCE"


def corrected(history: History, recorded: RecordedEvent[service.ServiceCorrected]) -> str | None:
    made = [order for order in (*history.orders, *history.dapos) if order.services]
    was_in_force = any(order.in_force_at(recorded.event.served_at) for order in made)
    return None if was_in_force else "ORDER_NOT_IN_FORCE"


def order_needed(history: History, recorded: RecordedEvent) -> str | None:
    made = any(o.start <= happened(recorded) for o in (*history.orders, *history.dapos))
    return None if made else "ORDER_NOT_IN_FORCE"
