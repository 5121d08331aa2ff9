"""What of many alerts stands on one page."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from domain.desk.case import AlertCase
from spowatch.log_pages import alerts_raised
from spowatch.wiring_roles import role
from tests.stories import NOW, breach, served_order, store_at, tell
from web.board_rows import BoardRow, row_of
from web.views import MOST_ROWS, View, lists


def one_row(directory: Path) -> BoardRow:
    """An alert of a breach that waits."""
    with store_at(directory) as store:
        tell(store, "KENT-1", *served_order())
        tell(store, "KENT-1", breach())
        with role("alert", store, lambda _: None, lambda: NOW) as work:
            while work(0):
                pass
        (_, alert) = next(iter(alerts_raised(store)))
        row = row_of(store.register.read(AlertCase(alert)), 1, NOW)
    assert row is not None
    return row


def test_acts_that_somebody_has_take_no_room_from_what_waits(tmp_path: Path) -> None:
    waits = one_row(tmp_path)
    taken = [replace(waits, id=uuid4(), owner="11") for _ in range(MOST_ROWS)]
    lone = replace(waits, id=uuid4(), subject_id=None, priority=4)
    told = lists([waits, *taken, lone], View("Kent", "arrest", "Kent"))
    assert len(told["waiting"]) == 2
    assert str(lone.id) in told["waiting"][1]
    assert str(waits.id) in told["waiting"][0]
