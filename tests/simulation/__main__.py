"""`python -m tests.simulation`: the real handlers in the worlds of many seeds, on virtual time.

Each seed has its own clocks, deaths, lost answers, receivers and people, and is the same whenever it is
played. `--seeds 1000 --days 60` is the figure R4; `--first N --seeds 1` plays one again. `--plants` puts
known bugs into the product instead, one after the other, and says after how many seeds each was caught.
Exit 1 when a seed was violated, or a planted bug was not caught.
"""

import argparse
import hashlib
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from time import monotonic

from spowatch.garbage import collect_garbage_rarely
from tests.simulation.plants import PLANTS
from tests.simulation.play import Outcome, played

_MOST_SEEDS_TO_CATCH = 100


def main(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    seeds = range(asked.first, asked.first + asked.seeds)
    with multiprocessing.get_context("spawn").Pool(asked.jobs, collect_garbage_rarely) as pool:
        if asked.plants:
            sys.exit(_say_plants(pool.imap(caught_after, PLANTS)))
        outcomes = pool.imap(partial(played, days=asked.days), seeds)
        sys.exit(_say(outcomes))


def caught_after(name: str) -> tuple[str, int, str]:
    """How many seeds it took to notice that bug, and as what; 0 seeds when it was not noticed.

    Twenty days: as much happens in them as in sixty, and a hundred seeds are sooner played.
    """
    with PLANTS[name]():
        for seed in range(_MOST_SEEDS_TO_CATCH):
            violation = noticed(seed)
            if violation is not None:
                return name, seed + 1, violation
    return name, 0, ""


def noticed(seed: int) -> str | None:
    """The violation; a handler that falls over is one too."""
    try:
        return played(seed, days=20).violation
    except Exception as fault:  # noqa: BLE001 - whatever a planted bug makes of it
        return f"{type(fault).__name__}: {fault}"


def _say(outcomes: Iterable[Outcome]) -> int:
    begun, all_of_them, bit = monotonic(), hashlib.sha256(), Counter[str]()
    bad = seeds = events = turns = 0
    cpu = 0.0
    for each in outcomes:
        seeds, events, turns = seeds + 1, events + each.events, turns + each.turns
        cpu += each.cpu
        all_of_them.update(each.digest.encode())
        bit.update(each.bit)
        if each.violation is not None:
            bad += 1
            print(f"seed {each.seed}: {each.violation}", flush=True)
    for what, times in sorted(bit.items()):
        print(f"  {what}: {times:,}")
    took = monotonic() - begun
    print(f"{seeds:,} seeds, {events:,} events, {turns:,} turns in {took:.0f} s: {bad} violated")
    print(f"{cpu / max(seeds, 1):.2f} s of a core for each seed, load {os.getloadavg()[0]:.0f}")
    print(f"all histories: {all_of_them.hexdigest()[:16]}")
    return int(bool(bad))


def _say_plants(found: Iterable[tuple[str, int, str]]) -> int:
    missed = 0
    for name, seeds, violation in found:
        missed += not seeds
        print(f"{name}: {f'seed {seeds}: {violation}' if seeds else 'NOT CAUGHT'}", flush=True)
    return int(bool(missed))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--days", type=int, default=60, help="simulated days of each seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--plants", action="store_true", help="planted bugs, each until it is caught"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
