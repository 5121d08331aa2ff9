"""What the reading pages read of, opened for as long as pages are served."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from projections import arrest_board, caseload, court_diary, statistics
from spowatch.open_store import Store
from spowatch.wiring.projections import name_index, sheet_store

if TYPE_CHECKING:
    from web.sheets import Sheets


@contextmanager
def sheets_to_read(store: Store) -> Iterator["Sheets"]:
    """The sheets, which the role `project` keeps, and the names, which whoever has this keeps."""
    from web.sheets import Sheets

    with ExitStack() as stack:
        alerts, cases, diary, counted = (
            stack.enter_context(sheet_store(store.settings, each.table()))
            for each in (arrest_board, caseload, court_diary, statistics)
        )
        yield Sheets(
            alerts=alerts,
            caseload=cases,
            court_diary=diary,
            statistics=counted,
            names=name_index(store),
            head=lambda: store.log.max_notification_id() or 0,
        )
