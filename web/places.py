"""Places of ours: where a page may send its reader on to."""

import re

_PLACE = re.compile(r"/(?!/)(?!.*(?://|\.\.))[A-Za-z0-9_./-]*(\?[A-Za-z0-9_.=&%+-]*)?")


def place(to: str) -> str:
    """The place asked for when it is one of ours, the board otherwise."""
    return to if _PLACE.fullmatch(to) else "/board"
