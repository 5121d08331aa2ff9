"""Every row of a log as it is sealed, oldest first."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spowatch.store.log_leaves import LOWEST, Leaf

if TYPE_CHECKING:
    from spowatch.store.log import Log

_PAGE = 1000


def leaves(log: "Log", *, after: int = LOWEST, until: int | None = None) -> Iterator[Leaf]:
    """Also what stands before the first position, where no other reader looks."""
    while page := log.select_leaves(after, _PAGE):
        for found in page:
            if until is not None and found[0] > until:
                return
            yield found
        after = page[-1][0]
