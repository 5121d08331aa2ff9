"""A sheet of a whole store, brought up to its log, and made anew beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from projections.sheet import Row
from projections.store import SheetStore
from spowatch.open_store import Store
from spowatch.running.register import role
from spowatch.sheet_names import SheetName
from spowatch.wiring.projections import projection
from tests.stories import NOW

END = 10**9
"""A position past every log."""

INSTANTS = [
    datetime(year, 6, 1, 12, 0, tzinfo=UTC) for year in (2020, 2026, 2027, 2028, 2030, 2040)
]


@contextmanager
def brought_up(store: Store, name: SheetName) -> Iterator[SheetStore]:
    with projection(name, store, lambda: NOW) as (runner, sheet):
        runner.catch_up(END)
        yield sheet


def rows_of(store: Store, name: SheetName) -> list[tuple[Any, ...]]:
    with brought_up(store, name) as sheet:
        return list(sheet.rows())


def made_anew(store: Store, name: SheetName) -> tuple[int | None, list[Row]]:
    """How many rows differed from those people read, and the rows."""
    with projection(name, store, lambda: NOW) as (runner, sheet):
        runner.catch_up(END)
        return runner.rebuild(), list(sheet.rows())


def raise_alerts(store: Store, now: datetime = NOW) -> None:
    """Let the desk raise every alert that is owed."""
    with role("alert", store, lambda _: None, lambda: now) as work:
        while work(0):
            pass
