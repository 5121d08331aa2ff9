"""`make split`: PostgreSQL, three brokers, and every role as a process of its own; kill any of them.

Breaches go in all the while. What the console says is shown as it is said; every alert must come once,
at most two seconds late, whatever was killed. What died is started again, a broker after a while. While
there is no database nothing is accepted.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from deploy.kafka.cluster import Cluster as KafkaCluster
from deploy.kafka.cluster import running as running_kafka
from deploy.postgres.server import Cluster as PostgresCluster
from deploy.postgres.server import running as running_postgres
from deploy.split.breaches import Breaches, Importing
from deploy.split.servers import kept_up
from deploy.split.targets import ports_for, write_settings, write_targets
from spowatch.demo.screen import what_became

ROLES = (
    "sweep",
    "project",
    "alert",
    "reconcile",
    "episodes",
    "relay",
    "intake",
    "deliver",
    "line-test",
    "measure",
    "seal",
    "api",
)
SPOWATCH = Path(sys.executable).with_name("spowatch")
SCRIPTS = Path(__file__).parents[1] / "postgres"
_LOG: LiteralString = "spowatch"
_KEYS: LiteralString = "spowatch_keys"
_CHILD_STOPS = 15.0
_LOOK = 0.2


def main() -> None:
    given = _asked()
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="spowatch-split-")))
        _say("starting PostgreSQL and the brokers ...")
        database = stack.enter_context(running_postgres())
        brokers = stack.enter_context(running_kafka(KafkaCluster(folder / "kafka", given.brokers)))
        settings = prepared(folder / "data", database, brokers)
        _say(f"PostgreSQL: pid {database.pid}")
        for broker in brokers.brokers:
            _say(f"broker {broker.seat.node}: pid {broker.pid}")
        stack.enter_context(kept_up(database, brokers.brokers, _say))
        roles = stack.enter_context(kept_running(settings, stop))
        targets = folder / "targets" / "split.json"
        write_targets(targets, roles.ports)
        commands = folder / "settings.env"
        write_settings(commands, settings)
        _say(f"for commands beside it: set -a; . {commands}; set +a")
        _say(f"metrics of every role, for Prometheus: {targets}")
        roles.wait_until_ready(stop)
        with closing(Importing([SPOWATCH, "import", "-"], _environment(settings))) as importing:
            roles.breaches.play(importing, given.pace, given.seconds, stop)
        _say("no more breaches; waiting for the last alerts")
        stop.wait(5)
        _say(account(folder / "data", roles))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.split", description=__doc__)
    parser.add_argument("--pace", type=float, default=2.0, help="seconds between two breaches")
    parser.add_argument("--for", type=float, dest="seconds", help="stop after so many seconds")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=3)
    return parser.parse_args()


def prepared(data: Path, database: PostgresCluster, brokers: KafkaCluster) -> dict[str, str]:
    """Roles, migration, grants and topics, as an operator makes them; the settings of every role.

    They share the databases, the brokers and the master key. What a role writes in a directory is the
    console.
    """
    _make(database, _LOG, "roles.sql")
    _make(database, _KEYS, "keys_roles.sql")
    kinds = {"SPO_LOG__KIND": "postgres", "SPO_KEYS__KIND": "postgres"}
    bootstrap = {"SPO_TRANSPORT__KIND": "kafka", "SPO_TRANSPORT__BOOTSTRAP": brokers.bootstrap}
    common = {"SPO_DATA_DIR": str(data)} | kinds | bootstrap
    owner = database.dsn("spowatch_owner", _LOG)
    keys_owner = database.dsn("spowatch_keys_owner", _KEYS)
    _spowatch(common | {"SPO_LOG__DSN": owner, "SPO_KEYS__DSN": keys_owner}, "migrate")
    _script(owner, "grants.sql")
    _script(keys_owner, "keys_grants.sql")
    log, keys = database.dsn("spowatch_writer", _LOG), database.dsn("spowatch_keys", _KEYS)
    settings = common | {"SPO_LOG__DSN": log, "SPO_KEYS__DSN": keys}
    copies = str(len(brokers.brokers))
    _spowatch(settings, "topics", "apply", "--copies", copies, "--bootstrap", brokers.bootstrap)
    return settings


def _make(database: PostgresCluster, name: LiteralString, script: str) -> None:
    with psycopg.connect(database.dsn(), autocommit=True) as administrator:
        administrator.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    _script(database.dsn(database=name), script)


def _script(dsn: str, name: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((SCRIPTS / name).read_bytes())


def _spowatch(settings: Mapping[str, str], *command: str) -> None:
    subprocess.run([SPOWATCH, *command], env=_environment(settings), check=True, stdout=sys.stderr)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPO_")}
    return kept | dict(settings)


@contextmanager
def kept_running(
    settings: Mapping[str, str], stop: threading.Event, roles: Sequence[str] = ROLES
) -> Iterator["Kept"]:
    """Each role in a process of its own, started again when it ends."""
    kept = Kept(settings, stop, roles)
    try:
        yield kept
    finally:
        stop.set()
        kept.end()


class Kept:
    """The processes of the roles, and how often each had to be started again."""

    def __init__(
        self, settings: Mapping[str, str], stop: threading.Event, roles: Sequence[str]
    ) -> None:
        self.ports = ports_for(roles)
        self._pages = ports_for(["pages"])["pages"]
        self.restarts = dict.fromkeys(roles, 0)
        self.breaches = Breaches()
        self._settings = settings
        self._stop = stop
        self._ready = {role: threading.Event() for role in roles}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._threads = [threading.Thread(target=self._keep, args=(role,)) for role in roles]
        for thread in self._threads:
            thread.start()

    def wait_until_ready(self, stop: threading.Event) -> None:
        """What comes before a role is at work is late for that alone."""
        for each in self._ready.values():
            while not each.wait(_LOOK) and not stop.is_set():
                pass

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for thread in self._threads:
            thread.join(_CHILD_STOPS)

    def _environment(self, role: str) -> dict[str, str]:
        ports = {"SPO_METRICS__PORT": str(self.ports[role]), "SPO_HTTP__PORT": str(self._pages)}
        return _environment({**self._settings, **ports})

    def _keep(self, role: str) -> None:
        order = [str(SPOWATCH), "run", role]
        while not self._stop.is_set():
            with subprocess.Popen(
                order, env=self._environment(role), stdout=subprocess.PIPE
            ) as process:
                self.processes[role] = process
                for line in process.stdout or ():
                    self._heard(role, line.decode())
            if not self._stop.is_set():
                self.restarts[role] += 1
                _say(f"{role} ended with {process.returncode}; starting it again")

    def _heard(self, role: str, line: str) -> None:
        if line.startswith("READY "):
            self._ready[role].set()
        self.breaches.heard(line)
        _say(told(line))


def told(line: str) -> str:
    """A line of a role in words; whatever the console says, also what is no alert."""
    if not line.startswith("{"):
        return line.strip()
    message = json.loads(line)
    if "late_by_seconds" not in message:  # a line test, or trouble with the system itself
        return f"{message['what']}: {message.get('instruction', message.get('address', ''))}"
    alert = f"P{message['priority']}  {message['code']}{what_became(message)}  {message['order']}"
    if message["what"] != "raised":
        return f"{alert}  {message['alert'][:8]}"
    late = message["late_by_seconds"]
    return f"{alert}  {message['alert'][:8]}  {late} s after it was known"


def account(data: Path, kept: Kept) -> str:
    """What the console said of the breaches that were accepted and how soon, and how often each role died."""
    lines = (data / "console.jsonl").read_text(encoding="utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    raised = sum(each["what"] == "raised" and each["code"] == "BREACH_ARREST" for each in said)
    waited = kept.breaches.waited()
    soon = (
        f", {median(waited):.2f} s after the acknowledgement (median; the latest {waited[-1]:.2f} s)"
        if waited
        else ""
    )
    twice = len(said) - len({each["key"] for each in said})
    died = ", ".join(f"{role} {count}" for role, count in kept.restarts.items() if count)
    return (
        f"{len(kept.breaches.acknowledged)} breaches accepted, {raised} arrest alerts of them on the console{soon}\n"
        f"{len(said)} messages, {twice} of them twice; died and started again: {died or 'none'}"
    )


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
