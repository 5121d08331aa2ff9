"""Eight nights on which a deadline gets lost, late or doubled, told of whatever way watches."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic, sleep

from spowatch.wiring.store import now
from tests.program import PATIENCE
from tests.scheduler.losses.doom import STRUCK, doom
from tests.scheduler.losses.orders_due import last_midnight, soon
from tests.scheduler.losses.releases import next_release
from tests.scheduler.losses.watcher import give_the_word, watcher
from tests.scheduler.losses.ways import Disk, Trouble, Way

MANY = 1_000
STILL = 0.75
"""The share of its night for which a control room's loop may stand still at a stretch.

The library's stands still for 0.97 of it and more, ours for 0.11 to 0.23, on a quiet machine and on
a busy one. Seconds would tell them apart only on a disk as slow as the one they were measured on.
"""
MARGINS = (0.3, 1.0, 4.0, 16.0)
"""Seconds ahead at which something is due, tried in turn."""

MARGINS_OF_TWO = (1.4, 6.0, 24.0)
"""The same for two who must both be at it before."""

TOO_BUSY = "this machine is too busy to be in time"

LATE = 10.0
"""Seconds after which what was raised counts as late; so long a machine may be busy with something else."""


def quiet(way: Way) -> None:
    """Nothing happens but what is due."""
    names = way.arm(last_midnight(), *[soon(0.3)] * 2)
    begun = now()
    with way.watching():
        waited_for(way, names, at_least=LATE)
    each_raised_once(way, names, begun)


def down_at_the_instant(way: Way) -> None:
    """APScheduler drops what it finds more than a second late."""
    names = way.arm(*[last_midnight()] * 3)
    with watcher(way) as process:
        back = now()
        give_the_word(process)
        waited_for(way, names)
    each_raised_once(way, names, back)


def killed_in_the_middle_of_raising(way: Way) -> None:
    """APScheduler deletes a one-shot job before it runs."""
    names = way.arm(*[last_midnight()] * 3)
    doom(way.directory)
    with watcher(way) as process:
        process.say("watch")
        assert process.process.wait(PATIENCE) == STRUCK
    with watcher(way) as process:
        back = now()
        give_the_word(process)
        waited_for(way, names)
    each_raised_once(way, names, back)


def renamed_in_a_release(way: Way) -> None:
    """APScheduler stores the name of a function, and deletes a job whose function is gone."""

    def before(due: datetime) -> tuple[Sequence[str], bool]:
        names = way.arm(*[due] * 3)
        with way.watching():
            pass
        return names, now() < due

    names, _ = in_time(before)
    with watcher(way, next_release(way.directory / "next")) as process:
        back = now()
        give_the_word(process)
        waited_for(way, names)
    each_raised_once(way, names, back)


def two_processes_on_one_store(way: Way) -> None:
    """APScheduler locks nothing: both run the job, one dies of not finding it any more."""
    for margin in MARGINS_OF_TWO:
        names, due, begun = night_of_two(way, margin)
        if begun < due:
            each_raised_once(way, names, begun, within=LATE * 12)
            return
    raise TimeoutError(TOO_BUSY)


def night_of_two(way: Way, margin: float) -> tuple[Sequence[str], datetime, datetime]:
    """What both watched for, when it was due, and since when both did."""
    with watcher(way) as one, watcher(way) as other:
        begun = now()
        way.arm(begun + timedelta(hours=1))
        took = now() - begun
        due = soon(margin) + 20 * took
        names = way.arm(*[due] * 20)
        for process in (one, other):
            give_the_word(process)
        begun = now()
        waited_for(way, names, at_least=margin + 3.0 + 20 * took.total_seconds())
        for process in (one, other):
            process.hang_up()
            process.process.wait(PATIENCE)
    return names, due, begun


def database_falters_once(way: Way) -> None:
    """APScheduler sets no timer again when asking what is next has failed."""

    async def night(due: datetime, names: Sequence[str]) -> bool:
        async with way.watching_on_the_loop(Trouble(Disk.FALTERS, due)):
            begun = now()
            await asyncio.to_thread(waited_for, way, names)
        return begun < due

    def watched(due: datetime) -> tuple[Sequence[str], bool]:
        names = way.arm(due, due, *(due + timedelta(seconds=each) for each in (0.2, 0.3, 0.4)))
        return names, asyncio.run(night(due, names))

    each_raised_once(way, *in_time(watched))


def earlier_one_from_another_process(way: Way) -> None:
    """APScheduler sleeps until what was next when it last looked: here for an hour."""
    way.arm(soon(3600))
    with way.watching():
        due = soon(0.2)
        names = way.arm(due)
        waited_for(way, names)
    each_raised_once(way, names, due)


def many_at_one_midnight(way: Way) -> None:
    """APScheduler deletes job after job, a transaction each, on the loop it shares."""
    names = way.arm(*[last_midnight()] * MANY)

    async def night() -> None:
        async with way.watching_on_the_loop(None):
            await asyncio.to_thread(waited_for, way, names)

    begun, clock = now(), monotonic()
    still = asyncio.run(longest_standstill(night()))
    night_long = monotonic() - clock
    assert still < STILL * night_long, f"stood still for {still:.2f} of {night_long:.2f} s"
    each_raised_once(way, names, begun, within=LATE * 12)


def due_while_raising_another(way: Way) -> None:
    """APScheduler deletes a one-shot job whose last run is still under way when it is due."""

    def watched(due: datetime) -> tuple[Sequence[str], bool]:
        names = way.arm(*[due + timedelta(seconds=each) for each in (0.0, 0.05, 0.4, 1.1)])
        with way.watching(Trouble(Disk.DAWDLES, due)):
            begun = now()
            waited_for(way, names, at_least=1.6)
        return names, begun < due

    each_raised_once(way, *in_time(watched))


def in_time(
    attempt: Callable[[datetime], tuple[Sequence[str], bool]],
) -> tuple[Sequence[str], datetime]:
    """The names of the first attempt that was so far before it was due, and when that was.

    A busy machine may watch only when it was due already, and then there is nothing to lose.
    """
    for margin in MARGINS:
        due = soon(margin)
        names, so_far = attempt(due)
        if so_far:
            return names, due
    raise TimeoutError(TOO_BUSY)


def waited_for(way: Way, names: Sequence[str], at_least: float = 0.0) -> None:
    """Until all of them are raised, or none was for as long as patience is, and it is not shorter than that."""
    patience = max(way.patience, at_least)
    raised, end = -1, monotonic() + patience
    while raised < len(names) and monotonic() < end:
        sleep(0.02)
        before, raised = raised, len(set(names) & {each.deadline for each in way.raised()})
        if raised > before:
            end = monotonic() + patience


def each_raised_once(way: Way, names: Sequence[str], since: datetime, within: float = LATE) -> None:
    """None lost, none doubled, none early, and none later than that after `since` and its due."""
    raised = [each for each in way.raised() if each.deadline in names]
    times = Counter(each.deadline for each in raised)
    lost = len(names) - len(times)
    assert not lost, f"lost {lost} of {len(names)}"
    doubled = sum(count > 1 for count in times.values())
    assert not doubled, f"doubled {doubled} of {len(names)}"
    assert all(each.at >= each.due_at for each in raised), "raised early"
    late = max((each.at - max(each.due_at, since)).total_seconds() for each in raised)
    assert late < within, f"late by {late:.1f} s"


async def longest_standstill(awaited: Awaitable[None]) -> float:
    """The longest gap, in seconds, between two ticks of this loop until that is done."""
    waiting = asyncio.ensure_future(awaited)
    longest, ticked = 0.0, monotonic()
    while not waiting.done():
        await asyncio.sleep(0.005)
        longest, ticked = max(longest, monotonic() - ticked), monotonic()
    await waiting
    return longest
