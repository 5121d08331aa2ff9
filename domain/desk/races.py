"""Two at once at the desk: one is first, and the other is decided again on what the first left."""

from collections.abc import Callable
from typing import TypeVar

from eventsourcing.persistence import IntegrityError

_TRIES = 5
_T = TypeVar("_T")


def retried(attempt: Callable[[], _T]) -> _T:
    """Raises `IntegrityError` when the race was lost five times."""
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except IntegrityError:
            continue
    return attempt()
