"""The roles that watch over the others, built from settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from consumers.line_tester import LineTester
from consumers.staffing import Staffing
from spowatch.wiring_line import testing_the_line
from spowatch.wiring_staffing import staffing

if TYPE_CHECKING:
    from spowatch.open_store import Store


@contextmanager
def watching(
    name: str, store: "Store", clock: Callable[[], datetime]
) -> Iterator[LineTester | Staffing]:
    """Raises `ValueError` for a role that there is not."""
    match name:
        case "line-test":
            with testing_the_line(store, clock) as tester:
                yield tester
        case "staffing":
            yield staffing(store, clock)
        case _:
            msg = f"no role {name!r}"
            raise ValueError(msg)
