"""Lists as CSV files that a spreadsheet opens without running anything in them."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from starlette.responses import Response

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes a cell for a formula by, in both widths."""


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    told = StringIO()
    writer = csv.writer(told, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(head)
    writer.writerows([_cell(each) for each in row] for row in rows)
    return told.getvalue()


def _cell(value: object) -> object:
    """Text that a spreadsheet would run is text to it behind an apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_RUNS):
        return f"'{value}"
    return "" if value is None else value


def csv_answer(text: str, name: str) -> Response:
    """A file to keep. The mark in front lets a spreadsheet read accents."""
    told = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=told)
