"""Statistics: one row an order, with the day of everything that is counted of it; no person, no reference.

Only what is on record counts, never what the clock has brought since: the same log gives the same
figures for ever.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import TypeAdapter

from domain.calendar import ONE_DAY, legal_day
from domain.court_orders import OrderKind
from domain.events import RecordedEvent
from domain.facts import Fact
from domain.facts.breaches import Charged
from domain.facts.court import (
    ApplicationMade,
    ApplicationRefused,
    ApplicationWithdrawn,
    FullOrderGranted,
    OrderDischarged,
    OrderRenewed,
    OrderVaried,
)
from domain.findings import BreachRecorded, NotificationMissed, PeriodExpired
from domain.history import History, happened
from domain.orders import StalkingProtectionOrder
from domain.receipts import valid
from projections.columns import table_of
from projections.order_sheet import OrderSheet
from projections.reading import every
from projections.sheet import Reading, Table
from projections.store import SheetStore

_VERSION = 1


class Measure(StrEnum):
    """What is counted, once for each time it happened, on the day it happened."""

    APPLIED = "applied"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    INTERIM_MADE = "interim_made"
    FULL_MADE = "full_made"
    SERVED = "served"
    NOTIFIED = "notified"
    VARIED = "varied"
    RENEWED = "renewed"
    DISCHARGED = "discharged"
    EXPIRED = "expired"
    BREACHES = "breaches"
    NOTIFICATION_MISSED = "notification_missed"
    CHARGED = "charged"


Counted = dict[Measure, list[date]]
_COUNTED: TypeAdapter[Counted] = TypeAdapter(Counted)


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What is counted of one order. `counted` is days by measure."""

    order_id: UUID
    opened: int | None
    version: int
    known_until: datetime
    force: str
    regime: str
    origin: str | None
    child: int
    counted: str
    applied_on: date | None
    full_made_on: date | None
    served_on: date | None

    @property
    def days(self) -> Counted:
        return _COUNTED.validate_json(self.counted)


def row_of(order: StalkingProtectionOrder, opened: int | None, now: datetime) -> OrderFacts:
    history = order.position(now).history
    days: Counted = {measure: sorted(_days(measure, order, history)) for measure in Measure}
    granted = [f.event for f in order.facts if isinstance(f.event, FullOrderGranted)]
    full_made = days[Measure.FULL_MADE]
    return OrderFacts(
        order_id=order.id,
        opened=opened,
        version=order.version,
        known_until=now,
        force=order.force,
        regime=order.regime.name,
        origin=granted[0].origin if granted else None,
        child=int(history.child),
        counted=_COUNTED.dump_json({m: d for m, d in days.items() if d}).decode(),
        applied_on=min(days[Measure.APPLIED], default=None),
        full_made_on=min(full_made, default=None),
        served_on=_first_served(history),
    )


_FACTS: Mapping[Measure, type[Fact]] = {
    Measure.APPLIED: ApplicationMade,
    Measure.REFUSED: ApplicationRefused,
    Measure.WITHDRAWN: ApplicationWithdrawn,
    Measure.VARIED: OrderVaried,
    Measure.RENEWED: OrderRenewed,
    Measure.DISCHARGED: OrderDischarged,
    Measure.CHARGED: Charged,
}
_MADE = {Measure.INTERIM_MADE: OrderKind.INTERIM, Measure.FULL_MADE: OrderKind.FULL}


def _days(measure: Measure, order: StalkingProtectionOrder, history: History) -> Iterator[date]:
    standing = [entry.event for entry in order.standing.values()]
    if measure in _FACTS:
        facts = (f for f in order.facts if isinstance(f.event, _FACTS[measure]))
        yield from map(_day, facts)
    elif measure in _MADE:
        yield from (made.made_on for made in history.orders if made.kind is _MADE[measure])
    elif measure is Measure.SERVED:
        services = [made.service() for made in history.orders]
        yield from (legal_day(s.served_at) for s in services if s is not None)
    elif measure is Measure.NOTIFIED:
        yield from map(_day, valid(history))
    elif measure is Measure.BREACHES:
        acts = {f.originator_version: _day(f) for f in order.facts}
        yield from (acts[f.report_version] for f in standing if isinstance(f, BreachRecorded))
    elif measure is Measure.NOTIFICATION_MISSED:
        yield from (f.last_day for f in standing if isinstance(f, NotificationMissed))
    elif measure is Measure.EXPIRED:
        expired = (f for f in standing if isinstance(f, PeriodExpired))
        yield from (
            legal_day(f.due_at) - ONE_DAY for f in expired if f.order_kind == str(OrderKind.FULL)
        )


def _day(fact: RecordedEvent) -> date:
    return legal_day(happened(fact))


def _first_served(history: History) -> date | None:
    full = history.latest(OrderKind.FULL)
    service = None if full is None else full.service()
    return None if service is None else legal_day(service.served_at)


def table() -> Table:
    return table_of("statistics", _VERSION, OrderFacts, __file__, found_by=("force",))


def statistics(read: Reading) -> OrderSheet:
    return OrderSheet(table(), row_of, read)


# What people ask it.


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by force, from the first day to the last, both counted; of the log up to `position`.

    Whoever works them out again at that position, by the same `rules`, finds the same.
    """

    first: date
    last: date
    position: int
    rules: str
    by_force: Mapping[str, Mapping[Measure, int]]

    @property
    def total(self) -> dict[Measure, int]:
        return {m: sum(of[m] for of in self.by_force.values()) for m in Measure}


def figures(sheet: SheetStore, first: date, last: date) -> Figures:
    counted: defaultdict[str, dict[Measure, int]] = defaultdict(lambda: dict.fromkeys(Measure, 0))
    for row in every(sheet, {}):
        facts = OrderFacts(*row)  # type: ignore[arg-type]  # the columns are the fields
        for measure, days in facts.days.items():
            counted[facts.force][measure] += sum(first <= day <= last for day in days)
    position = sheet.live_position() or 0
    return Figures(first, last, position, sheet.table.fingerprint, dict(sorted(counted.items())))
