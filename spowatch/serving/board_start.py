"""Where the board of the pages begins: at the bookmark of the sheet of the arrest board, where there is one.

What is read before a log of millions is so no more than the alerts that are open.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.published import OrderEvent
from projections.arrest_board import open_alerts, table
from projections.store import NotBuilt
from spowatch.log_pages import pages, stream_of
from spowatch.open_store import Store
from spowatch.wiring.projections import sheet_store, there_are_projections
from web.works import STANDING, TESTS

if TYPE_CHECKING:
    from web.board import Board

_OF_LATE = 10_000
"""Events back from the bookmark in which the last line test is looked for: there is one a minute."""


def begin(board: "Board", store: Store) -> None:
    """Without such a sheet, or with one of another release, the board begins at the start of the log."""
    if not there_are_projections(store.settings):
        return
    with sheet_store(store.settings, table()) as sheet:
        # The bookmark first: what the sheet takes in meanwhile is read again from there.
        mark = sheet.bookmark()
        if mark is None or not mark.live:
            return
        try:
            alerts = {row.alert_id for row in open_alerts(sheet)}
        except NotBuilt:
            return
        # Of what the sheet could not read nobody knows whether it is open.
        alerts |= {event.stream_id for event in sheet.parked(mark)}
    board.begin(alerts, mark.position, _works(store, mark.position))


def _works(store: Store, upto: int) -> Iterator[OrderEvent]:
    """What was parked, silent or held back, ever; of line tests, those of late."""
    for topics, after in ((STANDING, 0), (TESTS, max(0, upto - _OF_LATE))):
        for each in pages(store, sorted(topics), after=after):
            if each.id > upto:
                break
            yield OrderEvent(each.id, each.topic, stream_of(each), each.originator_version)
