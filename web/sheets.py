"""What the reading pages read: the sheets, and how far each is read while they look."""

from collections.abc import Callable
from dataclasses import dataclass

from projections.name_index import NameIndex
from projections.store import SheetStore

PATIENCE = 0.25
"""Seconds a page waits for what was told before it was asked for."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """`head` is the last position of the log."""

    alerts: SheetStore
    caseload: SheetStore
    court_diary: SheetStore
    statistics: SheetStore
    names: NameIndex
    head: Callable[[], int]

    def behind(self, sheet: SheetStore) -> int:
        """How many events of the log the sheet does not show yet; waits a moment for there to be none.

        Raises `NotBuilt` when nobody has ever made it.
        """
        head = self.head()
        if sheet.wait_for(head, PATIENCE):
            return 0
        return max(0, head - (sheet.live_position() or 0))
