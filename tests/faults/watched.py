"""`python -m tests.faults watched`: stages of the split system are frozen in turn; who is on call must be told (R8).

The system is that of `make split` and every other role there is, each in a process of its own, watched by Debian's Prometheus and Alertmanager with the files under
deploy/. Prints one JSON line a stage: which alert named it, and after how many seconds. Exit 1 when one
was not told within thirty, or when the system was not quiet again after it.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from uuid import UUID

from deploy.kafka.cluster import Cluster as KafkaCluster
from deploy.kafka.cluster import running as running_kafka
from deploy.postgres.server import Cluster as PostgresCluster
from deploy.postgres.server import running as running_postgres
from deploy.split.__main__ import Kept, kept_running, prepared
from deploy.split.targets import write_targets
from spowatch.policy_file import EXAMPLE
from spowatch.running.register import roles_of
from spowatch.settings.root import read_settings
from tests.servers.prometheus import Watch, watching
from tests.servers.receiver import Receiver, receiving

WITHIN = 30.0
_SETTLES = 150.0
_STARTS = 300.0
_SERVERS = {"broker", "database"}
_NOTIFY_KEY = "-".join(["watched", str(UUID(int=1)), str(UUID(int=2))])
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
        database = stack.enter_context(running_postgres(max_connections="200"))
        brokers = stack.enter_context(running_kafka(KafkaCluster(folder / "kafka", 1)))
        settings = prepared(folder / "data", database, brokers) | _all_there_is(told)
        roles = stack.enter_context(
            kept_running(settings, threading.Event(), one_of_each_role(settings))
        )
        write_targets(watch.directory / "targets" / "split.json", roles.ports)
        if not watch.until(f"sum(up{{job='spowatch'}}) == {len(roles.ports)}", _STARTS):
            sys.exit("not every role could be watched")
        yield _stages(roles, brokers, database), watch, told


def _all_there_is(told: Receiver) -> dict[str, str]:
    """What makes every role wanted: a policy, a receiver outside, text messages and pages."""
    here = f"http://127.0.0.1:{told.port}"
    return {
        "SPO_POLICY__FILE": str(EXAMPLE),
        "SPO_WEBHOOK__URL": f"{here}/webhook",
        "SPO_TEXT__API_KEY": _NOTIFY_KEY,
        "SPO_TEXT__TEMPLATE": "t",
        "SPO_TEXT__API": f"{here}/text",
        "SPO_HTTP__PORT": "0",
    }


def one_of_each_role(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Every role of the register, and of the lanes one of each kind."""
    wanted = roles_of(read_settings(dict(settings) | {"SPO_METRICS__PORT": "0"}))
    return tuple({name.partition(":")[0]: name for name in reversed(wanted)}.values())


def _stages(roles: Kept, brokers: KafkaCluster, database: PostgresCluster) -> dict[str, Freeze]:
    stages: dict[str, Freeze] = {
        role: lambda sent, role=role: os.kill(roles.processes[role].pid, sent)  # type: ignore[misc]  # bound now, and not at the call
        for role in roles.ports
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
        alert = _first_news(told, known, begun + 2 * WITHIN, name)
    finally:
        freeze(signal.SIGCONT)
    took = round(monotonic() - begun, 1)
    found = {"stage": name, "told_by": alert, "after_s": took, "quiet_before": quiet}
    print(json.dumps(found), flush=True)
    return alert is not None and took <= WITHIN


def _first_news(told: Receiver, known: int, deadline: float, stage: str) -> str | None:
    """What told first of that role; of a broker or a database, whatever told first."""
    names = {stage, stage.partition(":")[0]}
    while monotonic() < deadline:
        for reached in told.reached[known:]:
            if reached.path != "/on-call":
                continue
            for alert in json.loads(reached.body)["alerts"]:
                labels = alert["labels"]
                about = {labels.get(each) for each in ("process", "role")}
                if alert["status"] == "firing" and (stage in _SERVERS or names & about):
                    named = labels.get("role") or labels.get("process") or labels.get("stage", "")
                    return f"{labels['alertname']} {named}".strip()
        sleep(0.1)
    return None
