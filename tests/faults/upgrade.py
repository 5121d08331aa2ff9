"""`python -m tests.faults upgrade`: an older release and this one side by side on one store, as docs/how-to/upgrade.md says.

Real PostgreSQL, each role a process. Breaches go in all the while, by the old command line and by the
new. With --broker over a real Kafka too: before the rest is exchanged, each release's relay feeds the
other's desk while no second road runs, so that an alert can only have come by the broker. Prints one JSON
line; exit 1 when an alert was lost, doubled or too late, when a record was parked, when a process ended by
itself, or when the old release started on a store that a newer one has migrated.
"""

import argparse
import json
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import psycopg

from deploy.kafka.cluster import Cluster as Kafka
from deploy.kafka.cluster import running as running_kafka
from deploy.postgres.server import Cluster, running
from domain.events import Envelope
from domain.glass import AccessDesk
from spowatch.settings.root import read_settings
from spowatch.wiring.store import opened
from tests.acceptance.case_files import breach, line, order_in_force
from tests.program import PATIENCE, Program, run
from tests.structure.checkout import ROOT

_READERS = ("reconcile", "alert", "episodes", "deliver", "seal", "project")
_WRITERS = ("sweep", "line-test")
ROLES = (*_READERS, *_WRITERS)
"""In the order in which they are exchanged: who reads before who writes."""
ROLES_BY_BROKER = (*_READERS, "relay", *_WRITERS, "intake")

_DATABASE = "spowatch"
_SETTLES = 30.0
_BREACH, _ALERT = "spo.breach-recorded.v1", "spo.alert-raised.v1"


@dataclass(frozen=True, slots=True)
class Release:
    """The program of one commit, run from its own files under the libraries of this environment."""

    name: str
    tree: Path

    @property
    def program(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "spowatch")

    def script(self, name: str) -> bytes:
        return (self.tree / "deploy" / "postgres" / name).read_bytes()


def released(revision: str, folder: Path) -> Release:
    """What that commit held, unpacked."""
    packed = subprocess.run(
        ["git", "archive", revision], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return Release(revision, folder)


@dataclass
class Roll:
    """One store, the processes on it, and the breaches it was told of."""

    cluster: Cluster
    data: Path
    stack: ExitStack
    bootstrap: str = ""
    """The broker between the log and the desk; none where the desk reads the log."""
    up: dict[str, Program] = field(default_factory=dict)
    told: int = 0
    fell_over: list[str] = field(default_factory=list)

    @property
    def roles(self) -> Sequence[str]:
        return ROLES_BY_BROKER if self.bootstrap else ROLES

    def prepare(self, release: Release) -> None:
        """Roles, migration, grants and topics as that release has them."""
        self._script(release, self.cluster.dsn(database=_DATABASE), "roles.sql")
        self.ask(release, "migrate", user="spowatch_owner")
        self._script(release, self._dsn("spowatch_owner"), "grants.sql")
        if self.bootstrap:
            self.ask(release, "topics", "apply", "--copies", "1")

    def exchange(self, role: str, release: Release) -> None:
        """Stop the one that runs, if any, and start that release's."""
        self.stop(role)
        self.up[role] = self.start(role, release)

    def stop(self, role: str) -> None:
        running_now = self.up.pop(role, None)
        if running_now is not None and running_now.stop() != 0:
            self.fell_over.append(f"{role} did not stop by itself")

    def start(self, role: str, release: Release) -> Program:
        errors = self.stack.enter_context((self.data.parent / f"{role}.err").open("ab"))
        program = self.stack.enter_context(
            Program(
                "run",
                role,
                program=release.program,
                settings=self._settings(release, "spowatch_writer"),
                errors=errors,
                cwd=release.tree,
            )
        )
        program.said.until(lambda said: said.startswith("READY "), 2 * PATIENCE)
        return program

    def tell(self, release: Release) -> None:
        """One more breach, by the command line of that release."""
        self.told += 1
        case = line("ROLL/1", *order_in_force(), breach(f"roll-{self.told}"), force="Kent")
        self.ask(release, "import", "-", given=case + b"\n")

    def ask(
        self,
        release: Release,
        *command: str,
        user: str = "spowatch_writer",
        given: bytes = b"",
        may_fail: bool = False,
    ) -> str:
        done = run(
            *command,
            given=given,
            program=release.program,
            settings=self._settings(release, user),
            cwd=release.tree,
        )
        if done.returncode and not may_fail:
            msg = f"{command[0]} of {release.name}: {done.stdout}{done.stderr}"
            raise AssertionError(msg)
        return done.stdout + (done.stderr if done.returncode else "")

    def write_what_is_new(self) -> None:
        """An alert about broken glass, by this release, while every reader is of the old one."""
        at, dsn = datetime.now(UTC), self._dsn("spowatch_writer")
        log = {"SPO_LOG__KIND": "postgres", "SPO_LOG__DSN": dsn, "SPO_DATA_DIR": str(self.data)}
        with opened(read_settings(log)) as store:
            order = store.register.order("ROLL/1")
            by = Envelope(
                occurred_at=at,
                recorded_at=at,
                entered_at=at,
                actor="4812",
                force="Kent",
                subject_id=order.subject_id,
            )
            AccessDesk(store.register).break_glass(order, "The line is down and she is alone.", by)

    def migrate_further(self) -> None:
        """As a release that is not made yet would: what this one migrated to, and one step more."""
        with psycopg.connect(self._dsn("spowatch_owner"), autocommit=True) as owner:
            owner.execute("UPDATE spowatch.schema_version SET version = version + 1")

    def look(self) -> None:
        self.fell_over += [
            f"{role} ended" for role, each in self.up.items() if each.process.poll() is not None
        ]

    def _script(self, release: Release, dsn: str, name: str) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(release.script(name))

    def _settings(self, release: Release, user: str) -> dict[str, str]:
        log = {"SPO_LOG__KIND": "postgres", "SPO_LOG__DSN": self._dsn(user)}
        broker = {"SPO_TRANSPORT__KIND": "kafka", "SPO_TRANSPORT__BOOTSTRAP": self.bootstrap}
        files = {"SPO_DATA_DIR": str(self.data), "PYTHONPATH": str(release.tree)}
        return log | files | (broker if self.bootstrap else {})

    def _dsn(self, user: str) -> str:
        return self.cluster.dsn(user, _DATABASE)


def rolled(roll: Roll, old: Release, new: Release) -> dict[str, object]:
    """From all old to all new, a breach by either at every step; what came of it."""
    roll.prepare(old)
    for role in roll.roles:
        roll.exchange(role, old)
    roll.tell(old)
    roll.prepare(new)
    roll.look()
    came_back = _restarted(roll, old)
    across = _across(roll, old, new) if roll.bootstrap else {}
    roll.write_what_is_new()
    for role in roll.roles:
        roll.tell(old)
        roll.tell(new)
        roll.exchange(role, new)
        roll.look()
    roll.tell(new)
    found = _account(roll, new)
    parked = found["parked"]
    roll.ask(new, "dead-letters", "redrive", "--as", "4812", may_fail=True)
    left = len(roll.ask(new, "dead-letters", "list", may_fail=True).splitlines())
    found |= {"parked": left, "parked_by_old": parked, "old_starts_after_migrate": came_back}
    return found | across | {"old_on_a_newer_store": _refused(roll, old)}


def _across(roll: Roll, old: Release, new: Release) -> dict[str, object]:
    """Alerts that came by the broker alone: what the one release's relay writes, the other's desk reads."""
    roll.stop("reconcile")
    came = {}
    for relay, desk in ((old, new), (new, old)):
        roll.exchange("relay", relay)
        roll.exchange("alert", desk)
        roll.tell(relay)
        came[f"relay of {relay.name}, desk of {desk.name}"] = not _account(roll, new)["missing"]
    for role in ("relay", "alert", "reconcile"):
        roll.exchange(role, old)
    return {"by_broker_alone": came}


def _refused(roll: Roll, old: Release) -> str:
    """What an old role says on a store of a newer schema; empty where it starts, or says more than a line."""
    roll.migrate_further()
    done = roll.ask(old, "run", "alert", may_fail=True).strip().splitlines()
    return done[0] if len(done) == 1 and "schema version" in done[0] else ""


def _restarted(roll: Roll, old: Release) -> str:
    """Whether an old role that dies in the middle of it comes back; what it says where it does not."""
    done = roll.ask(old, "doctor", may_fail=True).strip().splitlines()
    refused = [each for each in done if "schema version" in each]
    return refused[0] if refused else "yes"


def _account(roll: Roll, new: Release) -> dict[str, object]:
    deadline = monotonic() + _SETTLES
    while True:
        found = _counted(roll, new)
        if not found["missing"] or monotonic() > deadline:
            return found


def _counted(roll: Roll, new: Release) -> dict[str, object]:
    rows = [json.loads(each) for each in roll.ask(new, "export").splitlines()]
    breaches = {row["id"] for row in rows if row["topic"] == _BREACH}
    alerts = Counter(row["cause"] for row in rows if row["topic"] == _ALERT)
    raised = {each: count for each, count in alerts.items() if each in breaches}
    known = {row["id"]: row["entered_at"] for row in rows if row["id"] in breaches}
    took = [
        datetime.fromisoformat(row["entered_at"]) - datetime.fromisoformat(known[row["cause"]])
        for row in rows
        if row["topic"] == _ALERT and row["cause"] in breaches
    ]
    console = (roll.data / "console.jsonl").read_text(encoding="utf-8").splitlines()
    keys = Counter(json.loads(each)["key"] for each in console)
    return {
        "told": roll.told,
        "breaches": len(breaches),
        "missing": len(breaches - raised.keys()) + roll.told - len(breaches),
        "double": sum(count - 1 for count in raised.values()),
        "said_twice": sum(count - 1 for count in keys.values()),
        "slowest_s": max((each.total_seconds() for each in took), default=0.0),
        "parked": len(roll.ask(new, "dead-letters", "list", may_fail=True).splitlines()),
        "fell_over": roll.fell_over,
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults upgrade", description=__doc__)
    parser.add_argument("--old", default="HEAD~20", help="the commit of the older release")
    parser.add_argument("--broker", action="store_true", help="with Kafka between log and desk")
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="upgrade-") as name, ExitStack() as stack:
        folder = Path(name)
        old = released(asked.old, folder / "old")
        cluster = stack.enter_context(running())
        with psycopg.connect(cluster.dsn(), autocommit=True) as administrator:
            administrator.execute(f"CREATE DATABASE {_DATABASE}")
        broker = (
            stack.enter_context(running_kafka(Kafka(folder / "kafka"))) if asked.broker else None
        )
        roll = Roll(cluster, folder / "data", stack, broker.bootstrap if broker else "")
        found = rolled(roll, old, Release("this", ROOT))
        print(json.dumps({"old": asked.old} | found), flush=True)
    sys.exit(_bad(found))


def _bad(found: Mapping[str, object]) -> int:
    wrong = ("missing", "double", "said_twice", "parked", "fell_over")
    came = found.get("by_broker_alone", {})
    stayed = isinstance(came, dict) and not all(came.values())
    return int(any(found[each] for each in wrong) or stayed or not found["old_on_a_newer_store"])
