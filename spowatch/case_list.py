"""The caseload as people read it: from its sheet, and judged again where time has passed it by."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from domain.batches import halved, read_orders
from domain.orders import StalkingProtectionOrder
from projections.case_queues import Case, Queue, case_of, with_open_breach
from projections.caseload import CaseRow, case_rows, row_of
from projections.store import SheetStore
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from spowatch.wiring_projections import projection

_AT_ONCE = 500


@contextmanager
def brought_up(store: Store, name: SheetName, now: datetime) -> Iterator[SheetStore]:
    """A sheet with everything in it that was told before."""
    with projection(name, store, lambda: now) as (runner, sheet):
        runner.catch_up(store.log.max_notification_id() or 0)
        yield sheet


def cases(
    store: Store,
    now: datetime,
    *,
    force: str | None = None,
    officer: str | None = None,
    queue: Queue | None = None,
) -> list[Case]:
    """The cases in that queue, or in any: those first that weigh most, then that are most late."""
    with brought_up(store, SheetName.ARREST_BOARD, now) as board:
        broken = with_open_breach(board)
    with brought_up(store, SheetName.CASELOAD, now) as sheet:
        rows = list(rows_at(store, case_rows(sheet, force=force, officer=officer), now))
    found = (case_of(row, now, broken) for row in rows)
    wanted = [each for each in found if (queue in each.queues if queue else each.queues)]
    return sorted(wanted, key=lambda case: _weight(case, now))


def _weight(case: Case, now: datetime) -> tuple[int, timedelta, timedelta, str]:
    due = case.row.next_deadline
    return (
        list(Queue).index(case.queues[0]),
        -case.late_by,
        timedelta.max if due is None else due - now,
        case.row.reference,
    )


def rows_at(store: Store, rows: Iterable[CaseRow], now: datetime) -> Iterator[CaseRow]:
    """The same rows as of `now`. One whose order cannot be read is as it could last be made."""
    batch: list[CaseRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _AT_ONCE:
            yield from _judged(store, batch, now)
            batch = []
    yield from _judged(store, batch, now)


def _judged(store: Store, rows: Sequence[CaseRow], now: datetime) -> Iterator[CaseRow]:
    stale = [row.order_id for row in rows if not row.holds_at(max(now, row.known_until))]

    def read(some: Sequence[UUID]) -> dict[UUID, StalkingProtectionOrder]:
        return read_orders(store.register, some)

    orders = halved(stale, read, lambda *_: None) if stale else {}
    for row in rows:
        order = orders.get(row.order_id)
        yield row if order is None else row_of(order, row.opened, max(now, row.known_until))
