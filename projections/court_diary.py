"""The court diary: one row an order, with the days on which a court or the calendar decides on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.calendar import legal_day
from domain.court_orders import OrderKind
from domain.facts.court import FullOrderGranted, InterimOrderGranted, RenewalApplied
from domain.history import History
from domain.orders import StalkingProtectionOrder
from projections.columns import table_of
from projections.order_sheet import OrderSheet
from projections.reading import every
from projections.sheet import Reading, Table, Value
from projections.store import SheetStore

_VERSION = 1


@dataclass(frozen=True, slots=True)
class CourtRow:
    """Days that are past are kept: a diary is turned back too."""

    order_id: UUID
    opened: int | None
    version: int
    known_until: datetime
    reference: str
    force: str
    court: str | None
    hearing_on: date | None
    renewal_hearing_on: date | None
    interim_last_day: date | None
    order_last_day: date | None
    appeals_pending: int


def row_of(order: StalkingProtectionOrder, opened: int | None, now: datetime) -> CourtRow:
    history = order.position(now).history
    return CourtRow(
        order_id=order.id,
        opened=opened,
        version=order.version,
        known_until=now,
        reference=order.reference,
        force=order.force,
        court=_court(order, history),
        hearing_on=_hearing(history),
        renewal_hearing_on=_renewal_hearing(order),
        interim_last_day=_last_day(history, OrderKind.INTERIM),
        order_last_day=_last_day(history, OrderKind.FULL),
        appeals_pending=history.appeals_pending,
    )


def _court(order: StalkingProtectionOrder, history: History) -> str | None:
    """The court that acted last, or that was asked."""
    made = (fact.event for fact in reversed(order.facts))
    named = (m.court for m in made if isinstance(m, FullOrderGranted | InterimOrderGranted))
    asked = None if history.application is None else history.application.court
    return next((court for court in named if court is not None), asked)


def _hearing(history: History) -> date | None:
    """The hearing of the application, unless it was determined before that day."""
    determined, day = history.determined_at, history.hearing_on
    over = day is not None and determined is not None and legal_day(determined) < day
    return None if over else day


def _renewal_hearing(order: StalkingProtectionOrder) -> date | None:
    asked = [f.event.hearing for f in order.facts if isinstance(f.event, RenewalApplied)]
    return asked[-1] if asked else None


def _last_day(history: History, kind: OrderKind) -> date | None:
    """The day its period ends on, where nothing ended it before."""
    made = history.latest(kind)
    return None if made is None or made.end != made.period_end else made.last_day


def table() -> Table:
    return table_of(
        "court_diary",
        _VERSION,
        CourtRow,
        __file__,
        found_by=("force", "court"),
        walled_by=("force",),
    )


def court_diary(read: Reading) -> OrderSheet:
    return OrderSheet(table(), row_of, read)


# What people ask it.


class Listed(StrEnum):
    """What happens on a day of the diary."""

    HEARING = "hearing"
    RENEWAL_HEARING = "renewal_hearing"
    INTERIM_ENDS = "interim_ends"
    ORDER_ENDS = "order_ends"


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """`gap`: the interim order ends before the hearing, or the order before its renewal is heard."""

    on: date
    what: Listed
    row: CourtRow
    gap: bool


def diary(
    sheet: SheetStore,
    first: date,
    last: date,
    *,
    force: str | None = None,
    court: str | None = None,
) -> list[DiaryEntry]:
    """What happens from the first day to the last, both counted, by day."""
    asked: dict[str, Value] = {"force": force, "court": court}
    only = {name: value for name, value in asked.items() if value is not None}
    rows = (CourtRow(*row) for row in every(sheet, only))  # type: ignore[arg-type]  # the columns are the fields
    found = [each for row in rows for each in _entries(row) if first <= each.on <= last]
    return sorted(found, key=lambda each: (each.on, each.row.force, each.row.reference, each.what))


def _entries(row: CourtRow) -> Iterator[DiaryEntry]:
    ends_first = _before(row.interim_last_day, row.hearing_on)
    not_renewed = _before(row.order_last_day, row.renewal_hearing_on)
    days = (
        (row.hearing_on, Listed.HEARING, ends_first),
        (row.renewal_hearing_on, Listed.RENEWAL_HEARING, not_renewed),
        (row.interim_last_day, Listed.INTERIM_ENDS, ends_first),
        (row.order_last_day, Listed.ORDER_ENDS, not_renewed),
    )
    for day, what, gap in days:
        if day is not None:
            yield DiaryEntry(day, what, row, gap)


def _before(ends: date | None, heard: date | None) -> bool:
    """Protection to the end of a day covers a hearing on that day, and none after it."""
    return ends is not None and heard is not None and ends < heard
