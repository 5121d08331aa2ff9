"""`python -m tests.faults clock`: every jump of the clock, with what it came to, beside APScheduler.

Prints a table and one JSON line. Exit 1 when anything came early, twice, too late or not at all.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.faults.clock_account import Account
from tests.faults.clock_jumps import JUMPS
from tests.faults.clock_run import watch
from tests.faults.planted_sweeps import PLANTS, site_with

_PLAIN = ("in time", "early", "late", "dropped", "silent")
_OURS = ("early", "silent", "twice", "unexpected", "unalerted")
_EXAMPLES = 10


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults clock", description=__doc__)
    parser.add_argument("--jump", choices=[each.name for each in JUMPS], help="only this one")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a bug that must be noticed")
    asked = parser.parse_args(arguments)
    begun, accounts = monotonic(), []
    _tell_head()
    for number, jump in enumerate(JUMPS):
        if asked.jump in (None, jump.name):
            with TemporaryDirectory(prefix=f"clock-{number}-") as folder:
                accounts.append(watch(jump, site_with(Path(folder), asked.plant)))
            _tell(accounts[-1])
    took = {"plant": asked.plant, "took_s": round(monotonic() - begun, 1)}
    print(json.dumps(_report(accounts) | took))
    faults = [f"{each.jump}: {fault}" for each in accounts for fault in each.faults]
    for fault in faults[:_EXAMPLES]:
        print(f"  {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)


def _tell_head() -> None:
    ours = "".join(f"{name:>11}" for name in _OURS)
    plain = "".join(f"{name:>9}" for name in _PLAIN)
    print(f"{'jump':<17}{'deadlines':>9}{ours}{'slowest':>10} | APScheduler:{plain}")


def _tell(account: Account) -> None:
    ours = "".join(f"{len(getattr(account, name)):>11}" for name in _OURS)
    plain = "".join(f"{account.plain[name]:>9}" for name in _PLAIN)
    slowest = f"{account.slowest:.2f} s" if account.slowest < inf else "never"
    print(
        f"{account.jump:<17}{account.deadlines:>9}{ours}{slowest:>10} | {'':<12}{plain}", flush=True
    )


def _report(accounts: Sequence[Account]) -> dict[str, object]:
    plain = sum((each.plain for each in accounts), Counter[str]())
    counts = {name: sum(len(getattr(each, name)) for each in accounts) for name in _OURS}
    return {
        "jumps": len(accounts),
        "deadlines": sum(each.deadlines for each in accounts),
        **counts,
        "unclean_stops": sum(each.watched.exit_status != 0 for each in accounts),
        "slowest_s": round(max((each.slowest for each in accounts), default=0.0), 3),
        "apscheduler": {name: plain[name] for name in _PLAIN},
    }
