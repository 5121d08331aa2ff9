"""How sheets are read in whole: page by page, so that no question is too long for the store."""

from collections.abc import Iterator, Mapping

from projections.sheet import Row, Value
from projections.store import SheetStore


def every(sheet: SheetStore, only: Mapping[str, Value], *, at_once: int = 1000) -> Iterator[Row]:
    """Every row that holds these values, in the sheet's own order. Raises `NotBuilt`."""
    number = sheet.table.names.index(sheet.table.sorted_by)
    after = 0
    while page := sheet.page(after, limit=at_once, only=only):
        yield from page
        after = int(str(page[-1][number]))
