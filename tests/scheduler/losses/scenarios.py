"""Eight nights on which a deadline gets lost, late or doubled, told of whatever way watches."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
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
STILL = 1.2
"""Seconds for which a control room's loop may stand still, or half of its night where the machine is busy.

The library's stands still for 2.8 s, which is all of its night.
"""
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
    names = way.arm(*[soon(0.8)] * 3)
    with way.watching():
        pass
    with watcher(way, next_release(way.directory / "next")) as process:
        back = now()
        give_the_word(process)
        waited_for(way, names)
    each_raised_once(way, names, back)


def two_processes_on_one_store(way: Way) -> None:
    """APScheduler locks nothing: both run the job, one dies of not finding it any more."""
    with watcher(way) as one, watcher(way) as other:
        begun = now()
        way.arm(begun + timedelta(hours=1))
        took = now() - begun
        due = soon(1.4) + 20 * took
        names = way.arm(*[due] * 20)
        for process in (one, other):
            give_the_word(process)
        begun = now()
        waited_for(way, names, at_least=4.0 + 20 * took.total_seconds())
        for process in (one, other):
            process.hang_up()
            process.process.wait(PATIENCE)
    assert begun < due, "the two came too late to meet"
    each_raised_once(way, names, begun)


def database_falters_once(way: Way) -> None:
    """APScheduler sets no timer again when asking what is next has failed."""
    due = soon(0.5)
    later = [due + timedelta(seconds=seconds) for seconds in (0.2, 0.3, 0.4)]
    names = way.arm(due, due, *later)

    async def night() -> None:
        async with way.watching_on_the_loop(Trouble(Disk.FALTERS, due)):
            await asyncio.to_thread(waited_for, way, names)

    asyncio.run(night())
    each_raised_once(way, names, due)


def earlier_one_from_another_process(way: Way) -> None:
    """APScheduler sleeps until what was next when it last looked."""
    way.arm(soon(3.5))
    with way.watching():
        due = soon(0.2)
        names = way.arm(due)
        waited_for(way, names, at_least=LATE)
    each_raised_once(way, names, due, within=2.5)


def many_at_one_midnight(way: Way) -> None:
    """APScheduler deletes job after job, a transaction each, on the loop it shares."""
    names = way.arm(*[last_midnight()] * MANY)

    async def night() -> None:
        async with way.watching_on_the_loop(None):
            await asyncio.to_thread(waited_for, way, names)

    begun, clock = now(), monotonic()
    still = asyncio.run(longest_standstill(night()))
    assert still < max(STILL, (monotonic() - clock) / 2), f"stood still for {still:.2f} s"
    each_raised_once(way, names, begun, within=LATE * 12)


def due_while_raising_another(way: Way) -> None:
    """APScheduler deletes a one-shot job whose last run is still under way when it is due."""
    due = soon(0.1)
    names = way.arm(*[due + timedelta(seconds=seconds) for seconds in (0.0, 0.05, 0.4, 1.1)])
    with way.watching(Trouble(Disk.DAWDLES, due)):
        waited_for(way, names, at_least=1.6)
    each_raised_once(way, names, due)


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
