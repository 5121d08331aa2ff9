"""A sealed log changed a thousand times by raw SQL, one change at a time, and looked at each time.

Clean logs are looked at between, so that what names a change is not something that always speaks.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from deploy.postgres.server import running
from tests.faults.tampering import tampered
from tests.spowatch.sealing.sealed_logs import SealedLog, on_postgres, on_sqlite
from tests.store.postgres.places import made

_SEALED = (40, 1, 25, 60, 14)
"""Events of each checkpoint of the log."""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults tamper", description=__doc__)
    parser.add_argument("--edits", type=int, default=1000, help="on each store")
    parser.add_argument("--clean", type=int, default=100, help="clean logs, on each store")
    parser.add_argument("--on", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    stores = {"sqlite": on_sqlite, "postgres": _on_postgres}
    wanted = stores if asked.on == "both" else {asked.on: stores[asked.on]}
    good = True
    for name, made_in in wanted.items():
        with TemporaryDirectory(prefix="tamper-") as folder, made_in(Path(folder)) as log:
            report = _campaign(log, random.Random(asked.seed), asked.edits, asked.clean)
        print(json.dumps({"store": name, "seed": asked.seed} | report), flush=True)
        good = good and report["found_at_its_place"] == asked.edits and not report["false_alarms"]
    sys.exit(not good)


def _campaign(log: SealedLog, rng: random.Random, edits: int, clean: int) -> dict[str, object]:
    begun = monotonic()
    log.grow(*_SEALED, seed=rng.randrange(10**6))
    found, missed, kinds, alarms = 0, [], Counter[str](), 0
    looks = {round(at * edits / clean) for at in range(clean)} if clean else set()
    for turn in range(edits):
        if turn in looks:  # another log each time: one event more, sealed
            log.grow(1, seed=rng.randrange(10**6))
            alarms += bool(log.verify().differences)
        whole = log.table.rows()
        edit = tampered(log.table, rng)
        kinds[edit.kind] += 1
        places = [each.first for each in log.verify().differences if each.first == each.last]
        found += places == [edit.first]
        missed += [] if places == [edit.first] else [(edit.kind, edit.first, places)]
        log.table.replace(whole)
    return {
        "edits": edits,
        "found_at_its_place": found,
        "missed": missed[:10],
        "kinds": dict(sorted(kinds.items())),
        "clean_logs": len(looks),
        "false_alarms": alarms,
        "took_s": round(monotonic() - begun, 1),
    }


@contextmanager
def _on_postgres(folder: Path) -> Iterator[SealedLog]:
    with running() as cluster, on_postgres(made(cluster), folder) as log:
        yield log
