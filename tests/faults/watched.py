"""`python -m tests.faults watched`: stages of the split system are frozen in turn; who is on call must be told (R8).

The system is that of `make split`, watched by Debian's Prometheus and Alertmanager with the files under
deploy/. Prints one JSON line a stage: which alert named it, and after how many seconds. Exit 1 when one
was not told within thirty, or when the system was not quiet again after it.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from deploy.kafka.cluster import Cluster as KafkaCluster
from deploy.kafka.cluster import running as running_kafka
from deploy.postgres.server import Cluster as PostgresCluster
from deploy.postgres.server import running as running_postgres
from deploy.split.__main__ import ROLES, Kept, kept_running, prepared
from deploy.split.targets import write_targets
from tests.servers.prometheus import Watch, watching
from tests.servers.receiver import Receiver, receiving

WITHIN = 30.0
_SETTLES = 150.0
_EXPECTED = f"sum(up{{job='spowatch'}}) == {len(ROLES)}"
_QUIET = "absent(ALERTS{alertstate='firing', alertname!='SpoWatchdog'})"
Freeze = Callable[[signal.Signals], None]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults watched", description=__doc__)
    parser.add_argument("--stages", nargs="*", help="only these of them")
    asked = parser.parse_args(arguments)
    with (
        TemporaryDirectory(prefix="watched-") as folder,
        _system(Path(folder)) as (stages, watch, told),
    ):
        late = [
            name
            for name, freeze in stages.items()
            if (not asked.stages or name in asked.stages)
            and not _told_of(name, freeze, watch, told)
        ]
    sys.exit(1 if late else 0)


@contextmanager
def _system(folder: Path) -> Iterator[tuple[dict[str, Freeze], Watch, Receiver]]:
    with ExitStack() as stack:
        told = stack.enter_context(receiving())
        watch = stack.enter_context(watching(folder / "watch", f"http://127.0.0.1:{told.port}"))
        database = stack.enter_context(running_postgres())
        brokers = stack.enter_context(running_kafka(KafkaCluster(folder / "kafka", 1)))
        settings = prepared(folder / "data", database, brokers)
        roles = stack.enter_context(kept_running(settings, threading.Event()))
        write_targets(watch.directory / "targets" / "split.json", roles.ports)
        if not watch.until(_EXPECTED, _SETTLES):
            sys.exit("not every role could be watched")
        yield _stages(roles, brokers, database), watch, told


def _stages(roles: Kept, brokers: KafkaCluster, database: PostgresCluster) -> dict[str, Freeze]:
    stages: dict[str, Freeze] = {
        role: lambda sent, role=role: os.kill(roles.processes[role].pid, sent)  # type: ignore[misc]
        for role in ROLES
    }
    stages["broker"] = lambda sent: os.kill(brokers.brokers[0].pid, sent)
    stages["database"] = lambda sent: _to_all(database, sent)
    return stages


def _to_all(database: PostgresCluster, sent: signal.Signals) -> None:
    """The server and every process it made, or those would go on answering."""
    own = int((database.directory / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()
    for process in (own, *map(int, children)):
        os.kill(process, sent)


def _told_of(name: str, freeze: Freeze, watch: Watch, told: Receiver) -> bool:
    """Freeze it, wait to be told, let it go on, and wait until all is quiet."""
    quiet = bool(watch.until(_QUIET, _SETTLES))
    known, begun = len(told.reached), monotonic()
    freeze(signal.SIGSTOP)
    try:
        alert = _first_news(told, known, begun + 2 * WITHIN)
    finally:
        freeze(signal.SIGCONT)
    took = round(monotonic() - begun, 1)
    found = {"stage": name, "told_by": alert, "after_s": took, "quiet_before": quiet}
    print(json.dumps(found), flush=True)
    return alert is not None and took <= WITHIN


def _first_news(told: Receiver, known: int, deadline: float) -> str | None:
    while monotonic() < deadline:
        for reached in told.reached[known:]:
            if reached.path == "/alive":
                continue
            for alert in json.loads(reached.body)["alerts"]:
                if alert["status"] == "firing":
                    labels = alert["labels"]
                    named = labels.get("role") or labels.get("process") or labels.get("stage", "")
                    return f"{labels['alertname']} {named}".strip()
        sleep(0.1)
    return None
