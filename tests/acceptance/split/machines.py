"""Several machines on one store: they share PostgreSQL and the master key, and no directory."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from time import monotonic, sleep
from typing import Any

from tests.acceptance.case_files import said_on
from tests.forked_program import run
from tests.program import PATIENCE, Program
from tests.servers.postgres import Cluster
from tests.store.postgres.key_places import KeyPlace, unmigrated_keys
from tests.store.postgres.places import Place, run_script, unmigrated


@dataclass(frozen=True, slots=True)
class Databases:
    """The log's and the keys', and under which names to come to them."""

    log: Place
    keys: KeyPlace

    @property
    def for_migrate(self) -> dict[str, str]:
        return _settings(self.log.owner, self.keys.owner)

    @property
    def for_roles(self) -> dict[str, str]:
        return _settings(self.log.writer, self.keys.role)

    def grant(self) -> None:
        run_script(self.log.owner, "grants.sql")
        run_script(self.keys.owner, "keys_grants.sql")


def _settings(log: str, keys: str) -> dict[str, str]:
    return {
        "SPO_LOG__KIND": "postgres",
        "SPO_LOG__DSN": log,
        "SPO_KEYS__KIND": "postgres",
        "SPO_KEYS__DSN": keys,
    }


@dataclass(frozen=True, slots=True)
class Machine:
    """A directory of its own, and what was started there."""

    data: Path
    settings: dict[str, str]
    stack: ExitStack

    def run(self, *command: str, given: str = "") -> CompletedProcess[str]:
        arguments = (*command, "--data-dir", str(self.data))
        return run(*arguments, given=given.encode(), settings=self.settings)

    def up(self, *roles: str) -> Program:
        """Those roles in a process of their own, ready."""
        errors = self.stack.enter_context(self.errors.open("ab"))
        arguments = ("run", *roles, "--data-dir", str(self.data))
        program = self.stack.enter_context(
            Program(*arguments, settings=self.settings, errors=errors)
        )
        waiting = set(roles)
        while waiting:
            waiting.discard(program.said.until(lambda said: said.startswith("READY ")).split()[1])
        return program

    @property
    def errors(self) -> Path:
        return self.data.with_suffix(".err")

    def enter(self, lines: Sequence[str]) -> None:
        told = self.run("import", "-", given="\n".join(lines) + "\n")
        assert told.returncode == 0, told.stdout + told.stderr

    def said(self) -> list[dict[str, Any]]:
        """Every message on this machine's console."""
        return said_on(self.data / "console.jsonl")

    def all_said(self, count: int, *, patience: float = PATIENCE) -> list[str]:
        """The keys of the messages, once there are so many."""
        deadline = monotonic() + patience
        while len(self.said()) < count and monotonic() < deadline:
            sleep(0.05)
        return [each["key"] for each in self.said()]


def databases(cluster: Cluster) -> Databases:
    return Databases(unmigrated(cluster), unmigrated_keys(cluster))
