"""Two at once on one stream: one is first, and the other is decided again on what the first left."""

from collections.abc import Callable
from secrets import randbelow
from time import sleep
from typing import TypeVar

from eventsourcing.persistence import IntegrityError

_TRIES = 8
_PAUSE_MS = 2
"""At most so long before the second try, and twice that before each further one: by chance, since who
was beaten begins later than the winner's next and would be beaten in the same way again."""

_T = TypeVar("_T")


def retried(attempt: Callable[[], _T]) -> _T:
    """Raises `IntegrityError` when the race was lost eight times."""
    for beaten in range(_TRIES - 1):
        try:
            return attempt()
        except IntegrityError:
            sleep(randbelow(_PAUSE_MS * 2**beaten * 1000) / 1e6)
    return attempt()
