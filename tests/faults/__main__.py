"""`make faults`: kills the running system again and again, and counts what it lost.

Without a word, all campaigns there are, one after another; `NAME --help` tells more of one. Exit 1 when
anything was lost, doubled or missing, or fell over by itself. Campaigns:

clock      steps the clock of one machine
flood      clients that mean to exhaust the server
full       fills the disk under the log, the keys and the data directory
gaps       lets the desk leave alerts out
http       sends bad requests
kills      kills the roles of one machine; prints one JSON line
lines      kills at each line of Python that a command runs
one-order  many clients to one order
power      cuts the power after any write
rebuilds   makes the sheets anew on both stores under other Pythons
replay     reads everything again
restore    restores to seconds by chance
schema     asks for what the API's own document promises
silence    kills and freezes each stage and asks who says so
simulation plays the handlers in the worlds of many seeds (`python -m tests.simulation`)
split      the fault matrix of the system on PostgreSQL and Kafka
sweepers   strikes at several sweepers on one store
syscalls   kills or refuses each call that writes or syncs
tamper     changes a sealed log by raw SQL
upgrade    exchanges an older release for this one under fire
watched    asks Prometheus who stands still
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import monotonic

from tests.faults import (
    by_schema,
    clock_report,
    flood,
    full,
    gaps,
    one_order,
    power,
    rebuilds,
    replay,
    report,
    restoring,
    rough_http,
    silence,
    sweepers_report,
    tamper,
    upgrade,
    watched,
)
from tests.faults.campaign import Reckoning, campaign
from tests.faults.dying import lines, syscalls
from tests.faults.planted import PLANTS, site_of
from tests.faults.split import report as split_report
from tests.simulation import __main__ as simulation

_EXAMPLES = 10


def main() -> None:
    named = sys.argv[1:2]
    if not named:
        sys.exit(everything())
    if named[0] in _CAMPAIGNS:
        report.run(named[0], _CAMPAIGNS[named[0]], sys.argv[2:])
    else:
        kills(sys.argv[1:])


def everything() -> int:
    """All campaigns; 1 when one of them found something."""
    statuses = []
    for name, run in _CAMPAIGNS.items():
        print(f"{name}:", flush=True)
        try:
            report.run(name, run, [])
        except SystemExit as ended:
            statuses.append(ended.code)
    return int(any(statuses))


def kills(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    with TemporaryDirectory(prefix="faults-") as folder:
        begun = monotonic()
        site = site_of(Path(folder), asked.plant)
        reckoning = campaign(site, kills=asked.kills, seed=asked.seed, breaches=asked.breaches)
        report = _report(reckoning) | {"seed": asked.seed, "plant": asked.plant}
        print(json.dumps(report | {"took_s": round(monotonic() - begun, 1)}))
        _tell_examples(reckoning)
        if not reckoning.good:
            _tell_faults(Path(folder))
            sys.exit(1)


_CAMPAIGNS: dict[str, Callable[[Sequence[str]], None]] = {
    "kills": kills,
    "sweepers": sweepers_report.main,
    "clock": clock_report.main,
    "split": split_report.main,
    "silence": silence.main,
    "http": rough_http.main,
    "one-order": one_order.main,
    "schema": by_schema.main,
    "flood": flood.main,
    "tamper": tamper.main,
    "restore": restoring.main,
    "watched": watched.main,
    "lines": lines.main,
    "syscalls": syscalls.main,
    "power": power.main,
    "full": full.main,
    "rebuilds": rebuilds.main,
    "replay": replay.main,
    "gaps": gaps.main,
    "upgrade": upgrade.main,
    "simulation": simulation.main,
}


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--breaches",
        type=int,
        default=0,
        help="so many facts, nearly all breaches, between strikes",
    )
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a bug that must be noticed")
    return parser.parse_args(arguments)


def _report(reckoning: Reckoning) -> dict[str, object]:
    found, cuts = reckoning.verdict, quantiles(reckoning.to_ready or [0.0, 0.0], n=100)
    return {
        "kills": reckoning.kills,
        "facts": len(reckoning.acknowledged) + reckoning.asked_again,
        "acknowledged": len(reckoning.acknowledged),
        "breaches": sum(each.told.incident is not None for each in reckoning.acknowledged),
        "events": len(reckoning.evidence.entries),
        "said": len(reckoning.evidence.console),
        "lost": len(found.lost),
        "duplicate": len(found.duplicate),
        "missing": len(found.missing),
        "gaps": len(found.gaps),
        "fell_over": reckoning.fell_over,
        "unclean_stops": reckoning.unclean_stops,
        "ready_p50_s": round(cuts[49], 3),
        "ready_p99_s": round(cuts[98], 3),
    }


def _tell_examples(reckoning: Reckoning) -> None:
    found = reckoning.verdict
    for what in (found.lost, found.duplicate, found.missing, found.gaps):
        for example in what[:_EXAMPLES]:
            print(f"  {example}", file=sys.stderr)


def _tell_faults(folder: Path) -> None:
    """What the processes said of themselves, for whoever looks into it."""
    for errors in sorted(folder.glob("*.err")):
        lines = errors.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[-_EXAMPLES:]:
            print(f"  {errors.stem}: {line}", file=sys.stderr)


if __name__ == "__main__":
    main()
