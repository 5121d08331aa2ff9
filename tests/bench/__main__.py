"""`make bench`: the figures, each beside its baseline of the same run, as a table and as JSON.

`python -m tests.bench [NAME ...]` measures only those named; `library` stands for all those in which
the bare eventsourcing library runs beside us.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench import (
    after_kill_bench,
    alert_bench,
    alertmanager_bench,
    board_bench,
    command_bench,
    due_bench,
    due_postgres_bench,
    early_bench,
    escalation_bench,
    exactly_once,
    help_bench,
    idle_probe_bench,
    idle_probe_postgres_bench,
    lateness_bench,
    load_bench,
    log_bench,
    midnight_bench,
    own_write_bench,
    poison_bench,
    projection_bench,
    push_bench,
    reading_bench,
    reads_bench,
    report,
    server_measures,
    twenty_years_bench,
    what_if_bench,
)
from tests.bench.log_bench import Figure
from tests.made_with import made_with
from tests.stolen import Stolen

RESULT = Path("var/bench.json")


def log_figures() -> Iterator[Figure]:
    with log_bench.opened() as bench:
        yield from log_bench.figures(bench)


def measures(*, quick: bool) -> dict[str, Callable[[], Iterable[Figure]]]:
    commands = exactly_once.QUICK if quick else exactly_once.COMMANDS
    deadlines = early_bench.QUICK if quick else early_bench.DEADLINES
    here: dict[str, Callable[[], Iterable[Figure]]] = {
        "help": help_bench.figures,
        "what_if": what_if_bench.figures,
        "command": command_bench.figures,
        "accepted_to_alert": alert_bench.figures,
        "board": partial(board_bench.figures, board_bench.QUICK if quick else board_bench.FULL),
        "after_kill": partial(
            after_kill_bench.figures, after_kill_bench.QUICK if quick else after_kill_bench.FULL
        ),
        "push": partial(push_bench.figures, push_bench.QUICK if quick else push_bench.FULL),
        "log": log_figures,
        "load": partial(load_bench.figures, load_bench.QUICK if quick else load_bench.FULL),
        "commands_exactly_once": partial(exactly_once.figures, commands),
        "commands_exactly_once_postgres": partial(exactly_once.server_figures, commands),
        "early": partial(early_bench.figures, deadlines),
        "lateness": lateness_bench.figures,
        "escalation": escalation_bench.figures,
        "due": due_bench.figures,
        "due_postgres": due_postgres_bench.figures,
        "idle_probe": idle_probe_bench.figures,
        "idle_probe_postgres": idle_probe_postgres_bench.figures,
        "midnight": midnight_bench.figures,
        "projection": projection_bench.figures,
        "reading": partial(
            reading_bench.figures, reading_bench.QUICK if quick else reading_bench.ORDERS
        ),
        "own_write": own_write_bench.figures,
        "reads": partial(reads_bench.figures, reads_bench.QUICK if quick else reads_bench.READS),
        "alertmanager": partial(
            alertmanager_bench.figures,
            alertmanager_bench.QUICK if quick else alertmanager_bench.ALERTS,
        ),
        "poison": partial(
            poison_bench.figures, poison_bench.QUICK if quick else poison_bench.MESSAGES
        ),
        "twenty_years": twenty_years_bench.figures,
    }
    return here | server_measures.measures(quick=quick)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(measures(quick=False)))
    parser.add_argument(
        "--quick",
        action="store_true",
        help="smaller: L1 on 20,000 events, L9 on 3,000 commands ...",
    )
    asked = parser.parse_args()
    known = measures(quick=asked.quick)
    if "library" in asked.names:
        asked.names = server_measures.AGAINST_LIBRARY
    if unknown := set(asked.names) - set(known):
        parser.error(f"no measure {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    print(f"{'figure':50}{'value':>12}{'baseline':>12}{'ratio':>8}  unit, goal")
    stolen = Stolen()
    measured = list(_measured([known[name] for name in asked.names or known]))
    RESULT.parent.mkdir(exist_ok=True)
    run = _machine() | {"stolen": stolen.percent()}
    RESULT.write_text(json.dumps(run | {"figures": measured}, indent=1), encoding="utf-8")
    print(f"every sample: {RESULT}")
    if not asked.quick:
        report.keep(measured, run)
        print(f"latest of each: {report.PAGE}")


def _measured(measuring: Iterable[Callable[[], Iterable[Figure]]]) -> Iterator[dict[str, Any]]:
    for measure in measuring:
        for figure in measure():
            print(_row(figure), flush=True)
            yield asdict(figure)


def _row(figure: Figure) -> str:
    numbers = f"{figure.value:12,.2f}{figure.baseline:12,.2f}{figure.ratio:8.2f}"
    return f"{figure.name:50}{numbers}  {figure.unit}  {figure.goal}"


def _machine() -> dict[str, Any]:
    """When and on what; `commit` is of the code that was measured, and says what was not committed."""
    return {
        "at": datetime.now(UTC).isoformat(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    } | made_with()


if __name__ == "__main__":
    main()
