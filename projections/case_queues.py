"""Which queues a case stands in: what an offender manager works through, counted and listed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.batches import halved, read_orders
from domain.orders import StalkingProtectionOrder
from domain.register import OrderRegister
from projections.caseload import CaseRow, Chase, case_rows, row_of
from projections.compliance import Compliance
from projections.sheet import Value
from projections.store import SheetStore

_AT_ONCE = 500


class Queue(StrEnum):
    """Why somebody has to do something about a case; what weighs most comes first.

    All but the first stand in the sheet's own rows: see `Chase`.
    """

    BREACH_OPEN = "breach_open"
    OVERDUE = Chase.OVERDUE
    DUE = Chase.DUE
    UNSERVED = Chase.UNSERVED
    DISPUTED = Chase.DISPUTED
    UNVERIFIED = Chase.UNVERIFIED
    RECEIPT_OWED = Chase.RECEIPT_OWED
    UNCONFIRMED = Chase.UNCONFIRMED
    REVIEW_DUE = Chase.REVIEW_DUE


@dataclass(frozen=True, slots=True)
class Case:
    """A case as of an instant, with why it needs somebody; none of the queues when it is up to date."""

    row: CaseRow
    queues: tuple[Queue, ...]
    late_by: timedelta
    """How long the oldest overdue notification has been overdue; zero when none is."""


def case_of(row: CaseRow, now: datetime, broken: Collection[UUID]) -> Case:
    """`row` still holds at `now`; `broken` are the orders with a breach still open."""
    chased = set(row.chased)
    owed = row.owed if Queue.OVERDUE in chased else ()
    late = [d.deadline for d in owed if d.compliance(now) is Compliance.OVERDUE]
    queues = tuple(
        queue
        for queue in Queue
        if queue in chased or (queue is Queue.BREACH_OPEN and row.order_id in broken)
    )
    return Case(row, queues, now - min(late) if late else timedelta(0))


def counts(
    sheet: SheetStore, only: Mapping[str, Value], broken: Collection[UUID]
) -> dict[Queue, int]:
    """How many cases stand in each queue; one may stand in several. `broken` may be anybody's.

    Counted where the sheet is kept, as of what is on record: what time alone has brought counts once
    a sweep has put it there.
    """
    found = sheet.tally("queues", only=only)
    chased = {
        queue: sum(number for told, number in found.items() if queue in told.split(","))
        for queue in Queue
    }
    return chased | {Queue.BREACH_OPEN: len(_rows_by_order(sheet, only, broken))}


def cases(
    sheet: SheetStore,
    register: OrderRegister,
    now: datetime,
    broken: Collection[UUID],
    *,
    only: Mapping[str, Value],
    queue: Queue | None = None,
) -> list[Case]:
    """The cases in that queue, or every live one: those first that weigh most, then are most late."""
    rows = _in_queue(sheet, only, broken, queue)
    found = (case_of(row, now, broken) for row in rows_at(register, rows, now))
    wanted = [each for each in found if queue is None or queue in each.queues]
    return sorted(wanted, key=lambda case: weight(case, now))


def up_to_date(
    sheet: SheetStore,
    register: OrderRegister,
    now: datetime,
    broken: Collection[UUID],
    *,
    only: Mapping[str, Value],
) -> list[Case]:
    """The live cases about which nobody has to do anything, by reference."""
    rows = case_rows(sheet, {**only, "queues": ""})
    found = (case_of(row, now, broken) for row in rows_at(register, rows, now))
    return sorted((c for c in found if not c.queues), key=lambda case: case.row.reference)


def weight(case: Case, now: datetime) -> tuple[int, timedelta, timedelta, str]:
    """What is to be done first comes first."""
    due = case.row.next_deadline
    return (
        list(Queue).index(case.queues[0]) if case.queues else len(Queue),
        -case.late_by,
        timedelta.max if due is None else due - now,
        case.row.reference,
    )


def _in_queue(
    sheet: SheetStore, only: Mapping[str, Value], broken: Collection[UUID], queue: Queue | None
) -> Iterator[CaseRow]:
    if queue is None:
        # In one question: whoever asks for everything has few cases, or time.
        live = (row for row in case_rows(sheet, only) if row.queues is not None)
        yield from (row for row in live if row.order_id not in broken)
    if queue in (None, Queue.BREACH_OPEN):
        yield from _rows_by_order(sheet, only, broken)
        return
    # What was due may have become overdue since, where no sweep has put it on record yet.
    wanted = {queue, Queue.DUE} if queue is Queue.OVERDUE else {queue}
    for told in sorted(sheet.tally("queues", only=only)):
        if wanted & set(told.split(",")):
            yield from case_rows(sheet, {**only, "queues": told})


def _rows_by_order(
    sheet: SheetStore, only: Mapping[str, Value], orders: Collection[UUID]
) -> list[CaseRow]:
    return [
        row for order in orders for row in case_rows(sheet, {**only, "order_id": order}, at_once=1)
    ]


def rows_at(register: OrderRegister, rows: Iterable[CaseRow], now: datetime) -> Iterator[CaseRow]:
    """The same rows as of `now`. One whose order cannot be read is as it could last be made."""
    batch: list[CaseRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _AT_ONCE:
            yield from _judged(register, batch, now)
            batch = []
    yield from _judged(register, batch, now)


def _judged(register: OrderRegister, rows: Sequence[CaseRow], now: datetime) -> Iterator[CaseRow]:
    stale = [row.order_id for row in rows if not row.holds_at(max(now, row.known_until))]

    def read(some: Sequence[UUID]) -> dict[UUID, StalkingProtectionOrder]:
        return read_orders(register, some)

    orders = halved(stale, read, lambda *_: None) if stale else {}
    for row in rows:
        order = orders.get(row.order_id)
        yield row if order is None else row_of(order, row.opened, max(now, row.known_until))
