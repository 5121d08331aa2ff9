"""Sets a sheet in type: A4, tagged for a screen reader (PDF/UA-1), the same bytes for the same sheet.

The only place that knows the typesetting library. Its own fonts alone are used, those of the
machine never, and no time of day goes in.
"""

import json
from importlib.resources import files
from typing import Any

import typst

_LAYOUT = files("spowatch.briefing").joinpath("sheet.typ")


def typeset(sheet: dict[str, Any]) -> bytes:
    """The sheet as a PDF. Its words are data to the layout: nothing in them is read as markup."""
    return typst.compile(
        _LAYOUT.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(sheet)},
        pdf_standards=["ua-1"],
    )
