"""What happens next: facts from now on, at the pace of a demonstration."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random

from spowatch.caseload.breaches import tell_of_another
from spowatch.caseload.duties import attend_now, move_home_now, serve_now, use_name_now, visit
from spowatch.caseload.story import Fact, Story, known_at

PACE = timedelta(seconds=5)

Happening = Callable[[Story, datetime], None]
_HAPPENINGS: dict[Happening, int] = {
    tell_of_another: 62,
    serve_now: 14,
    attend_now: 8,
    visit: 8,
    move_home_now: 5,
    use_name_now: 3,
}
_REPEATERS = 0.05
"""Share of persons to whom two thirds of what happens happens."""


def moving(
    stories: Iterable[Story], *, seed: int, start: datetime, pace: timedelta
) -> Iterator[Fact]:
    rng = Random(f"{seed}/live")  # noqa: S311 - invented
    bound = [story for story in stories if story.bound_at(start) is not None]
    unserved = [story for story in bound if not story.served_by(start)]
    repeaters = bound[: int(len(bound) * _REPEATERS) + 1]
    waiting: list[tuple[datetime, str, Fact]] = []
    now = start
    while bound:
        now += timedelta(seconds=max(1, round(rng.expovariate(1 / pace.total_seconds()))))
        while waiting and waiting[0][0] <= now:
            yield heappop(waiting)[2]
        happening = rng.choices(list(_HAPPENINGS), weights=list(_HAPPENINGS.values()))[0]
        among = repeaters if rng.randrange(3) else bound
        if happening is serve_now and unserved:
            among = unserved
        for fact in _told(rng.choice(among), happening, now):
            heappush(waiting, (known_at(fact), fact["command_id"], fact))


def _told(story: Story, happening: Happening, now: datetime) -> list[Fact]:
    """The new facts, each with the order it is about."""
    before = len(story.facts)
    happening(story, now)
    about = {"order": story.order, "force": story.force, "person": story.person.ref}
    return [fact | about for fact in story.facts[before:]]
