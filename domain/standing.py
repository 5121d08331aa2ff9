"""Where an order stands in a word or two, and until when that holds if nothing more is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.events import earliest
from domain.history import happened
from domain.notification import DutyState
from domain.orders import StalkingProtectionOrder
from domain.position import Position


@dataclass(frozen=True, slots=True)
class Standing:
    """What a list of orders says of one of them."""

    status: str
    in_force: str | None
    facets: tuple[str, ...]
    next_deadline: datetime | None
    findings: int
    until: datetime | None
    """The first instant at which any of it may change by time alone; None when it never will."""

    def holds_at(self, now: datetime) -> bool:
        """Whether it still says what is so at `now`, a moment after it was worked out."""
        return self.until is None or now < self.until


def standing(order: StalkingProtectionOrder, now: datetime) -> Standing:
    """As of `now`, or of what the register knows already, whichever is later."""
    position = order.position(max(now, order.known_until or now))
    deadlines = (d.window.deadline for d in position.duties if d.state is DutyState.OPEN)
    return Standing(
        status=position.status,
        in_force=position.in_force,
        facets=tuple(position.facets),
        next_deadline=earliest(*deadlines),
        findings=len(position.findings),
        until=earliest(position.next_change, *_to_come(order, position)),
    )


def _to_come(order: StalkingProtectionOrder, position: Position) -> Iterator[datetime]:
    """Instants after which a word, a spell or a duty may begin or end without any finding.

    More of them than need be cost a reader one look at the order; one too few would be a wrong word.
    """
    history = position.history
    for spell in (*history.soa, *history.custody):
        yield from _after(position.now, spell.start, spell.end)
    for made in (*history.orders, *history.dapos):
        served = (service.served_at for service in made.services)
        yield from _after(position.now, made.start, made.end, *served)
    yield from _after(position.now, *(at for at, _ in history.milestones))
    yield from _after(position.now, *(happened(fact) for fact in order.facts))


def _after(now: datetime, *instants: datetime | None) -> Iterator[datetime]:
    return (instant for instant in instants if instant is not None and instant > now)
