"""Who applies for an order, when, and under which reference."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from domain.calendar import LONDON, legal_day, start_of
from spowatch.caseload.breaches import tell_of_breaches
from spowatch.caseload.court import tell_of_court
from spowatch.caseload.figures import orders_by_force
from spowatch.caseload.later import tell_of_later_life
from spowatch.caseload.people import Person, somebody
from spowatch.caseload.story import Story

COMMENCED = datetime(2020, 1, 20, tzinfo=LONDON).astimezone(UTC)
"""The Act came into force on 20 January 2020 (S.I. 2020/26)."""

_OPENS, _CLOSES = 9 * 60, 17 * 60
_A_SECOND_ORDER = 0.05


@dataclass(slots=True)
class Stories:
    """Tells one order's life after another, in the order in which they were applied for."""

    seed: int
    until: datetime
    _serials: Counter[tuple[str, int]]
    _free_again: dict[str, list[Person]]

    def __init__(self, seed: int, until: datetime) -> None:
        self.seed, self.until = seed, until
        self._serials, self._free_again = Counter(), {}

    def all(self, orders: int) -> Iterator[Story]:
        rng = Random(f"{self.seed}/plan")  # noqa: S311 - invented
        forces = orders_by_force()
        days = sorted(_application_day(rng, self.until) for _ in range(orders))
        for number, applied in enumerate(days, start=1):
            force = rng.choices(list(forces), weights=list(forces.values()))[0]
            yield self._story(number, force, applied)

    def _story(self, number: int, force: str, applied: datetime) -> Story:
        rng = Random(f"{self.seed}/{number}")  # noqa: S311 - invented
        person = self._person(rng, f"P-{number:06d}", force, applied)
        story = Story(rng, self._reference(force, applied), force, person, self.until)
        tell_of_court(story, applied)
        tell_of_later_life(story)
        tell_of_breaches(story)
        if _is_over(story):
            self._free_again.setdefault(force, []).append(person)
        return story

    def _person(self, rng: Random, ref: str, force: str, applied: datetime) -> Person:
        """A few come back with a new order; only those whose earlier one never came to be."""
        earlier = self._free_again.get(force)
        if earlier and rng.random() < _A_SECOND_ORDER:
            return earlier.pop(0)
        return somebody(rng, ref, force, legal_day(applied))

    def _reference(self, force: str, applied: datetime) -> str:
        year = legal_day(applied).year
        self._serials[force, year] += 1
        slug = re.sub(r"[^A-Z]+", "-", force.removesuffix(" Police").upper())
        return f"{slug}-{year}-{self._serials[force, year]:05d}"


def _application_day(rng: Random, until: datetime) -> datetime:
    """More each year, in office hours, from the day the Act came into force."""
    span = (legal_day(until) - legal_day(COMMENCED)).days
    day = legal_day(COMMENCED) + timedelta(days=int(span * rng.random() ** 0.6))
    minutes = rng.randint(_OPENS, _CLOSES)
    return min(start_of(day) + timedelta(minutes=minutes), until)


def _is_over(story: Story) -> bool:
    """Refused or withdrawn before anything bound the person."""
    return not story.terms and not story.custody
