"""Sheets as a command reads them: brought up to the log first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from projections.store import SheetStore
from spowatch.open_store import Store
from spowatch.sheet_names import SheetName
from spowatch.wiring.projections import projection


@contextmanager
def brought_up(store: Store, name: SheetName, now: datetime) -> Iterator[SheetStore]:
    """A sheet with everything in it that was told before."""
    with projection(name, store, lambda: now) as (runner, sheet):
        runner.catch_up(store.log.max_notification_id() or 0)
        yield sheet
