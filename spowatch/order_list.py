"""The list of orders: from the order register's sheet, brought up to the log before it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.batches import halved, read_orders
from domain.orders import StalkingProtectionOrder
from domain.standing import Standing, standing
from projections.order_register import RegisterRow
from projections.sheet import Value
from projections.store import SheetStore
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from spowatch.wiring.projections import projection

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; None is anything. `reference` is any part of it, whatever its case."""

    force: str | None = None
    status: str | None = None
    officer: str | None = None
    reference: str | None = None

    @property
    def only(self) -> dict[str, Value]:
        asked: dict[str, Value] = {"force": self.force, "officer": self.officer}
        return {name: value for name, value in asked.items() if value is not None}

    def finds(self, row: RegisterRow, stands: Standing) -> bool:
        named = self.reference is None or self.reference.casefold() in row.reference.casefold()
        return named and self.status in (None, stands.status)


@dataclass(frozen=True, slots=True)
class Listing:
    """Orders as people read of them, and where the next list goes on."""

    orders: list[dict[str, Any]]
    next: int
    parked: int
    """Orders of which an event cannot be read: they stand as of before it, or not at all."""


def listed(
    store: Store,
    now: datetime,
    *,
    search: Search,
    limit: int,
    after: int,
) -> Listing:
    """At most `limit` orders past `after`, as they stand at `now`; whatever was told is in it."""
    with projection(SheetName.ORDER_REGISTER, store, lambda: now) as (runner, sheet):
        runner.catch_up(store.log.max_notification_id() or 0)
        rows: list[dict[str, Any]] = []
        cursor = after
        while page := _page(sheet, cursor, search):
            for row, stands in zip(page, standings(store, page, now), strict=True):
                cursor = row.opened or cursor
                rows += [_told(row, stands)] if search.finds(row, stands) else []
                if len(rows) == limit:
                    return Listing(rows, cursor, len(runner.parked))
        return Listing(rows, max(after, _last(sheet)), len(runner.parked))


def _page(sheet: SheetStore, after: int, search: Search) -> list[RegisterRow]:
    page = sheet.page(after, limit=_PAGE, only=search.only)
    return [RegisterRow(*row) for row in page]  # type: ignore[arg-type]  # the columns are the fields


def standings(store: Store, rows: Sequence[RegisterRow], now: datetime) -> list[Standing]:
    """Where each stands at `now`; what time has changed since its row was made is judged again."""
    stale = [row.order_id for row in rows if not row.standing.holds_at(max(now, row.known_until))]
    orders = _read(store, stale) if stale else {}
    return [
        standing(orders[row.order_id], now) if row.order_id in orders else row.standing
        for row in rows
    ]


def _read(store: Store, identities: Sequence[UUID]) -> dict[UUID, StalkingProtectionOrder]:
    """One that cannot be read is left out: its row says what could last be said of it."""

    def read(some: Sequence[UUID]) -> dict[UUID, StalkingProtectionOrder]:
        return read_orders(store.register, some)

    return halved(identities, read, lambda *_: None)


def _last(sheet: SheetStore) -> int:
    return sheet.last() or 0


def _told(row: RegisterRow, stands: Standing) -> dict[str, Any]:
    deadline = stands.next_deadline
    return {
        "order": row.reference,
        "force": row.force,
        "status": stands.status,
        "in_force": stands.in_force,
        "facets": list(stands.facets),
        "next_deadline": deadline.isoformat() if deadline else None,
        "findings": stands.findings,
    }
