"""The table by which repeat breaches raise a priority: how many, in how long, to what.

Breaches that are looked at one by one hide the pattern. One table holds for every force of a policy: whether a
pattern is seen must not depend on where the last act happened.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.alerts import Priority


class Within(StrEnum):
    """How far back breaches are counted from the one in hand."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


class Broken(StrEnum):
    """What kind of term the breach in hand is of."""

    PROHIBITION = "prohibition"
    REQUIREMENT = "requirement"


_LONG = MappingProxyType({Within.DAY: "24 hours", Within.WEEK: "7 days", Within.MONTH: "30 days"})
_ORDER = tuple(Within)


class Row(BaseModel):
    """So many breaches within that time, this one counted, are at least so urgent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: Broken = Broken.PROHIBITION
    within: Within
    breaches: int = Field(ge=2, le=1_000, description="The one in hand counted")
    raises_to: int = Field(ge=1, le=3)

    def __str__(self) -> str:
        return f"{self.breaches} breaches of a {self.of} in {_LONG[self.within]}"

    def makes_idle(self, other: "Row") -> bool:
        """Whether `other` can never decide anything beside this one."""
        wider = _ORDER.index(self.within) >= _ORDER.index(other.within)
        sooner = self.breaches <= other.breaches and self.raises_to <= other.raises_to
        return self.of is other.of and wider and sooner


def _each_decides(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    for number, row in enumerate(rows):
        for other in (*rows[:number], *rows[number + 1 :]):
            if other.makes_idle(row):
                msg = f"{row} can never decide: {other} does before it; leave one of them out"
                raise ValueError(msg)
    return rows


Repeats = Annotated[
    tuple[Row, ...], Field(min_length=1, max_length=12), AfterValidator(_each_decides)
]

STANDARD_REPEATS: tuple[Row, ...] = (
    Row(within=Within.DAY, breaches=2, raises_to=Priority.IMMEDIATE),
    Row(within=Within.WEEK, breaches=3, raises_to=Priority.IMMEDIATE),
    Row(within=Within.MONTH, breaches=5, raises_to=Priority.IMMEDIATE),
    Row(of=Broken.REQUIREMENT, within=Within.WEEK, breaches=2, raises_to=Priority.SOON),
    Row(of=Broken.REQUIREMENT, within=Within.MONTH, breaches=3, raises_to=Priority.PROMPT),
)
"""Until a policy says otherwise."""


def met(
    rows: Iterable[Row], of: Broken, earlier: Mapping[Within, int]
) -> Iterator[tuple[Row, str]]:
    """The rows that these earlier breaches meet, the shortest time first, each with its reason in words.

    A longer time in which nothing more happened says nothing more, unless it raises further.
    """
    said, urgency = 0, len(Priority)
    for row in sorted(rows, key=lambda each: _ORDER.index(each.within)):
        count = earlier[row.within] + 1
        if row.of is of and count >= row.breaches and (count > said or row.raises_to < urgency):
            said, urgency = count, min(urgency, row.raises_to)
            yield row, f"{count} breaches in {_LONG[row.within]}"
