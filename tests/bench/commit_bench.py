"""Commits a second on PostgreSQL, by one process and by eight, beside bare INSERTs and the library."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from statistics import median

from tests.bench.log_bench import Figure
from tests.bench.postgres_logs import library_save, measured_place, our_save, raw_save
from tests.bench.teams import Pace, in_turns, team
from tests.store.postgres.places import Place

ROUNDS = 21
_SECONDS = 0.4
_GOALS = {1: "L2 >= 0.85 of raw", 8: "L2 >= 0.65 of raw"}


def figures(rounds: int = ROUNDS) -> Iterator[Figure]:
    with measured_place() as place:
        for writers in _GOALS:
            yield from _commits(place, writers, rounds)


def _commits(place: Place, writers: int, rounds: int) -> Iterator[Figure]:
    """Each commit one event of 440 bytes, each writer a process with one thread."""
    with ExitStack() as stack:
        makes = (our_save, library_save, raw_save)
        teams = [stack.enter_context(team(make, place, writers)) for make in makes]
        ours, library, raw = in_turns(teams, rounds, _SECONDS)
    name = f"{writers} writer{'s' * (writers > 1)} on PostgreSQL"
    yield _rate(name, ours, raw, _GOALS[writers])
    yield _rate(f"{name}, library alone", library, raw, "")
    yield _rate(f"{name}, against library", ours, library, "")
    if writers == 1:
        yield _processor_time(ours, library)


def _rate(name: str, paces: Sequence[Pace], against: Sequence[Pace], goal: str) -> Figure:
    ratios = [one.rate / other.rate for one, other in zip(paces, against, strict=True)]
    value, base = (median(each.rate for each in some) for some in (paces, against))
    return Figure(name, "commits/s", value, base, median(ratios), goal, ratios)


def _processor_time(ours: Sequence[Pace], library: Sequence[Pace]) -> Figure:
    value, base = (median(each.cpu_us for each in some) for some in (ours, library))
    samples = [each.cpu_us for each in ours]
    name = "processor time a save, against library"
    return Figure(name, "us", value, base, value / base, "L3 <= 200 us", samples)
