"""A believable national caseload of invented orders, as facts: the same seed tells the same facts.

Shaped by the published figures in `spowatch/data`. All of it is lawful except a stated small
share of entries that the register must refuse (`refused.SHARE`).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypedDict

from spowatch.caseload.live import PACE, moving
from spowatch.caseload.plan import Stories
from spowatch.caseload.story import Fact

__all__ = ["Case", "Fact", "caseload", "live"]


class Case(TypedDict):
    """One order's facts, sorted by when they became known."""

    order: str
    force: str
    person: str
    given: list[Fact]


def caseload(*, orders: int, seed: int, until: datetime) -> Iterator[Case]:
    """The orders in the order of their applications; nothing is known after `until`."""
    for story in Stories(seed, until).all(orders):
        yield Case(
            order=story.order, force=story.force, person=story.person.ref, given=story.given()
        )


def live(*, orders: int, seed: int, start: datetime, pace: timedelta = PACE) -> Iterator[Fact]:
    """Without end, facts that carry `caseload(orders, seed, until=start)` on from `start`.

    Each names its order, force and person; they come sorted by time, one each `pace` on average.
    """
    return moving(Stories(seed, start).all(orders), seed=seed, start=start, pace=pace)
