"""The milestone people see; the legal effect is apart from it and never ends with a breach."""

from collections.abc import Iterator
from datetime import datetime

from domain.breaches import Judged
from domain.court_orders import CourtOrder, EndCause, OrderKind
from domain.history import History, known
from domain.regimes import ClockStart

STATUSES = (
    *("applied", "interim_granted", "full_granted", "varied", "breached"),
    *(EndCause.EXPIRED, EndCause.REPLACED, EndCause.DISCHARGED, EndCause.QUASHED),
    *("refused", "withdrawn", "closed"),
)
"""Every milestone, about as they come."""

OVER = frozenset({"closed", "refused", "withdrawn", *EndCause}) - {EndCause.REPLACED}
"""Milestones after which an order protects nobody any more, unless something is in force again."""


def status_of(history: History, judged: list[Judged], now: datetime) -> str:
    """The latest milestone reached by `now`; death closes everything."""
    if history.died_at is not None:
        return "closed"
    reached = [milestone for milestone in _milestones(history, judged) if milestone[0] <= now]
    latest = max(reached, key=lambda milestone: milestone[:2], default=None)
    return "applied" if latest is None else latest[2]


def _milestones(history: History, judged: list[Judged]) -> Iterator[tuple[datetime, int, str]]:
    for place, (at, word) in enumerate(history.milestones):
        yield at, place, word
    for order in history.orders:
        yield from _end(order, history)
    for dapo in history.dapos:
        if history.regime.clock_start is ClockStart.MADE:
            yield dapo.start, 0, "full_granted"
            yield from _end(dapo, history)
    for item in judged:
        at = known(item.report)
        if item.counts and _any_in_force(history, at):
            yield at, _AFTER_ALL_COURT_FACTS, "breached"


_AFTER_ALL_COURT_FACTS = 1_000_000


def _end(order: CourtOrder, history: History) -> Iterator[tuple[datetime, int, str]]:
    end = order.end
    if end is None:
        return
    if order.kind is OrderKind.INTERIM:
        # The application it rested on is before the court again, with nothing in force.
        if history.application_pending_at(end) and history.order_at(end) is None:
            yield end, _AFTER_ALL_COURT_FACTS, "applied"
    else:
        yield end, _AFTER_ALL_COURT_FACTS, order.cause_of_end


def _any_in_force(history: History, at: datetime) -> bool:
    if history.order_at(at) is not None:
        return True
    return any(dapo.in_force_at(at) for dapo in history.dapos)
