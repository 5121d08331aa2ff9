"""`python -m tests.faults sweepers`: kills, freezes and locks several sweepers while deadlines pass.

Prints one JSON line. Exit 1 when a deadline was lost, doubled, early or silent, when a sheet did not
come back as it was, or when a fault never met a deadline, for then the run shows nothing of it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import islice, takewhile
from math import inf
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import monotonic

from tests.faults.planted_sweeps import PLANTS, site_with
from tests.faults.sweepers import campaign, campaign_on_postgres, cards
from tests.faults.sweepers_outcome import Outcome

_EXAMPLES = 10
_OF_A_SERVER = ("restart the database",) * 2


def main(arguments: Sequence[str]) -> None:
    asked = _parser().parse_args(arguments)
    with TemporaryDirectory(prefix="sweepers-") as folder:
        begun = monotonic()
        site = site_with(Path(folder), asked.plant)
        rng = Random(asked.seed)
        on_server = asked.on == "postgres"
        faults = islice(cards(rng, _OF_A_SERVER if on_server else ()), asked.cycles)
        in_time = takewhile(lambda _: monotonic() < begun + 60 * asked.minutes, faults)
        strike = campaign_on_postgres if on_server else campaign
        outcome = strike(site, in_time, rng, sweepers=asked.sweepers)
        settings = {"on": asked.on, "seed": asked.seed, "sweepers": asked.sweepers}
        settings["plant"] = asked.plant
        took = {"took_s": round(monotonic() - begun, 1)}
        print(json.dumps(report(outcome) | settings | took))
        for fault in [*outcome.faults, *(f"never bit: {each}" for each in outcome.never_bit)][
            :_EXAMPLES
        ]:
            print(f"  {fault}", file=sys.stderr)
        if outcome.faults:
            _tell_errors(Path(folder))
    if outcome.faults or outcome.never_bit:
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults sweepers", description=__doc__)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=inf, help="end after so many, if sooner")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sweepers", type=int, default=2)
    parser.add_argument("--on", choices=("files", "postgres"), default="files", help="the store")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a bug that must be noticed")
    return parser


def report(outcome: Outcome) -> dict[str, object]:
    tally = outcome.tally
    return {
        "cycles": tally.struck.total(),
        "deadlines": len(outcome.expected),
        "lost": len(outcome.lost),
        "double": len(outcome.double),
        "early": len(outcome.early),
        "unexpected": len(outcome.unexpected),
        "silent": len(tally.silent),
        "sheet_rows_unlike": len(tally.unlike),
        "fell_over": tally.fell_over,
        "unclean_stops": tally.unclean_stops,
        "struck_and_bit": {each: [tally.struck[each], tally.bit[each]] for each in tally.struck},
        "held_up_by_a_frozen_one": tally.held_up,
        "takeovers": len(tally.takeovers),
        "takeover_ms": _spread(tally.takeovers),
        "in_full_ms": _spread(tally.in_full),
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else [0.0] * 99
    spread = {"p50": cuts[49], "p99": cuts[98], "max": max(seconds, default=0.0)}
    return {name: round(value * 1000, 1) for name, value in spread.items()}


def _tell_errors(folder: Path) -> None:
    """What the processes said of themselves, for whoever looks into it."""
    for errors in sorted(folder.glob("*.err")):
        lines = errors.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[-_EXAMPLES:]:
            print(f"  {errors.stem}: {line}", file=sys.stderr)
