"""Places of ours: where a page may send its reader on to."""

import re

# Characters as RFC 3986 has them. Two slashes or dots in a row are how one is led elsewhere.
_CHARACTER = r"[A-Za-z0-9_.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}"
_PATH = re.compile(rf"/(?!/)(?!.*(?://|\.\.))(?:{_CHARACTER}|/)*")
_FILTERS = re.compile(rf"(?!.*//)(?:{_CHARACTER}|[/?])+")


def place(to: str) -> str:
    """The place asked for when it is one of ours, the board otherwise.

    Filters that no page of ours asks for are left out; the page itself stays.
    """
    path, _, filters = to.partition("?")
    if not _PATH.fullmatch(path):
        return "/board"
    return f"{path}?{filters}" if _FILTERS.fullmatch(filters) else path
