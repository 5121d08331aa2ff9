"""Breaches on the person's other orders: who does it again shows a pattern, whichever order it is recorded on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from consumers.alert_rules import WHAT_RULES_READ, Demand
from domain.batches import halved, read_all
from domain.brought import NOTHING_BROUGHT, Brought
from domain.events import RecordedEvent
from domain.facts.breaches import BreachReported
from domain.findings import BreachRecorded, Finding
from domain.orders import StalkingProtectionOrder
from domain.personal import Wanted
from domain.register import OrderRegister
from domain.subjects import OrderLinked, Subject

WHICH_ORDERS = frozenset({OrderLinked.TOPIC})
"""What is read of a person, to know which orders are against them."""
_NO_WORDS: Wanted = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Incident:
    """A breach of one order, and while it stood on the register."""

    occurred_at: datetime
    entered_at: datetime
    withdrawn_at: datetime | None
    named: tuple[str, str] | None
    """By which force, and its reference, where the report has one."""

    def stood_at(self, at: datetime) -> bool:
        return self.entered_at <= at and (self.withdrawn_at is None or self.withdrawn_at > at)


Elsewhere = Mapping[UUID, Sequence[Incident]]
"""By the id of an order, what is on record of the other orders of its person."""


def incidents_of(order: StalkingProtectionOrder) -> Iterator[Incident]:
    """Those on this order, standing or withdrawn. Raises `LookupError` where a report is missing."""
    gone = {e.event.finding_version: e.envelope.entered_at for e in order.withdrawals}
    reports = {fact.originator_version: fact for fact in order.facts}
    for found in (*order.standing.values(), *order.withdrawn):
        if isinstance(found.event, BreachRecorded):
            report = reports[found.event.report_version]
            stated = report.event.incident if isinstance(report.event, BreachReported) else None
            yield Incident(
                occurred_at=report.envelope.occurred_at,
                entered_at=found.envelope.entered_at,
                withdrawn_at=gone.get(found.originator_version),
                named=(order.force, stated) if stated else None,
            )


def elsewhere(
    register: OrderRegister,
    orders: Iterable[StalkingProtectionOrder],
    brought: Brought = NOTHING_BROUGHT,
) -> Elsewhere:
    """One query for all the people these orders are against, and a second one if any has several orders.

    People in `brought` are not asked for again. What cannot be read counts for nothing: no alert waits for another order.
    """
    person_of = {order.id: order.subject_id for order in orders if order.subject_id is not None}
    links = _linked(register, set(person_of.values()), brought)
    others = {
        order: [each for each in links.get(person, ()) if each != order]
        for order, person in person_of.items()
    }
    wanted = {each for some in others.values() for each in some}
    found = halved(list(wanted), lambda some: _incidents(register, some), _uncounted)
    return {
        order: [incident for each in some for incident in found.get(each, ())]
        for order, some in others.items()
        if some
    }


def _linked(register: OrderRegister, people: set[UUID], brought: Brought) -> dict[UUID, list[UUID]]:
    """The orders against each of these people."""

    def read(some: Sequence[UUID]) -> dict[UUID, list[UUID]]:
        found = read_all(
            *(register, Subject, some), topics=WHICH_ORDERS, words=_NO_WORDS, brought=brought
        )
        return {person.id: person.order_ids for person in found.values()}

    return halved(list(people), read, _uncounted)


def _incidents(register: OrderRegister, some: Sequence[UUID]) -> dict[UUID, list[Incident]]:
    kind = StalkingProtectionOrder
    orders = read_all(register, kind, some, topics=WHAT_RULES_READ, words=_NO_WORDS)
    return {order.id: list(incidents_of(order)) for order in orders.values()}


def _uncounted(_: UUID, __: Exception) -> None:
    """Whoever judges that order by itself parks it, and a person sees it there."""


def with_those_elsewhere(
    demand: Demand,
    found: RecordedEvent[Finding],
    order: StalkingProtectionOrder,
    incidents: Sequence[Incident],
) -> Demand:
    """With what stood on the other orders when this was found: the same whenever it is asked."""
    if demand.repeats is None or not incidents or not isinstance(found.event, BreachRecorded):
        return demand
    report = next(f for f in order.facts if f.originator_version == found.event.report_version)
    at, then = report.envelope.occurred_at, found.envelope.entered_at
    own = [each for each in incidents_of(order) if each.stood_at(then)]
    standing = [each for each in incidents if each.stood_at(then)]
    ages = [at - each.occurred_at for each in _further(own, standing)]
    return replace(demand, repeats=demand.repeats.and_those(ages))


def _further(own: Iterable[Incident], others: Iterable[Incident]) -> Iterator[Incident]:
    """Each act once: one that breaks two orders happened at one instant, or has one reference of the force."""
    instants = {each.occurred_at for each in own}
    names = {each.named for each in own if each.named}
    for each in sorted(others, key=lambda incident: incident.occurred_at):
        if each.occurred_at not in instants and each.named not in names:
            yield each
        instants.add(each.occurred_at)
        names |= {each.named} if each.named else set()
