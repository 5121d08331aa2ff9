"""The program as a split system is: the log on PostgreSQL, the stream on Kafka, roles as processes."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from deploy.kafka.cluster import Cluster as KafkaCluster
from tests.acceptance.case_files import said_on
from tests.forked_program import run
from tests.program import Program
from tests.servers.kafka import own_kafka
from tests.servers.postgres import Cluster, own_postgres, postgres
from tests.store.postgres.places import Place, run_script, unmigrated

__all__ = ["own_kafka", "own_postgres", "postgres"]


@dataclass(frozen=True, slots=True)
class Split:
    """How to reach the parts, and every process started on them."""

    data: Path
    place: Place
    stack: ExitStack
    brokers: str | None = None

    @property
    def settings(self) -> dict[str, str]:
        log = {"SPO_LOG__KIND": "postgres", "SPO_LOG__DSN": self.place.writer}
        if self.brokers is None:
            return log
        return log | {"SPO_TRANSPORT__KIND": "kafka", "SPO_TRANSPORT__BOOTSTRAP": self.brokers}

    def run(self, *command: str) -> CompletedProcess[str]:
        return run(*command, "--data-dir", str(self.data), settings=self.settings)

    def up(self, *roles: str) -> Program:
        """Those roles in a process of their own, ready."""
        arguments = ("run", *roles, "--data-dir", str(self.data))
        errors = self.stack.enter_context(self.errors(*roles).open("ab"))
        program = self.stack.enter_context(
            Program(*arguments, settings=self.settings, errors=errors)
        )
        waiting = set(roles)
        while waiting:
            ready = program.said.until(lambda line: line.startswith("READY "))
            waiting.discard(ready.split()[1])
        return program

    def errors(self, *roles: str) -> Path:
        """The log of the processes that run just these."""
        return self.data.parent / f"{'-'.join(roles)}.err"

    def bring_in(self, file: Path) -> None:
        brought = self.run("import", str(file))
        assert brought.returncode == 0, brought.stdout + brought.stderr

    def said(self) -> list[str]:
        """The key of every message on the console."""
        return [each["key"] for each in said_on(self.data / "console.jsonl")]


def opened(data: Path, cluster: Cluster, stack: ExitStack, brokers: str | None = None) -> Split:
    """Roles, `spowatch migrate` as the owner, grants: as deploy/postgres says."""
    place = unmigrated(cluster)
    owner = {"SPO_LOG__KIND": "postgres", "SPO_LOG__DSN": place.owner}
    migrated = run("migrate", "--data-dir", str(data), settings=owner)
    assert migrated.returncode == 0, migrated.stderr
    run_script(place.owner, "grants.sql")
    return Split(data, place, stack, brokers)


@pytest.fixture
def on_postgres(tmp_path: Path, postgres: Cluster) -> Iterator[Split]:
    with ExitStack() as stack:
        yield opened(tmp_path / "store", postgres, stack)


@pytest.fixture
def split(tmp_path: Path, postgres: Cluster, own_kafka: KafkaCluster) -> Iterator[Split]:
    with ExitStack() as stack:
        system = opened(tmp_path / "store", postgres, stack, own_kafka.bootstrap)
        applied = run("topics", "apply", "--copies", "1", "--bootstrap", own_kafka.bootstrap)
        assert applied.returncode == 0, applied.stdout + applied.stderr
        yield system
