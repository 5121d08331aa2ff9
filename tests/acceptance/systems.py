"""The whole program on a store in a file, as `run` starts it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from tests.acceptance.case_files import breach, export, line, order_in_force, written
from tests.forked_program import run
from tests.program import PATIENCE, Program

ROLES = {
    "alert",
    "api",
    "deliver",
    "episodes",
    "line-test",
    "project",
    "reconcile",
    "seal",
    "sweep",
}


def up(store: Path, *roles: str, settings: Mapping[str, str] | None = None) -> Program:
    """Those roles in a process of their own, ready; all of them when none is named."""
    program = Program("run", *roles, "--data-dir", str(store), settings=settings)
    waiting = set(roles or ROLES)
    while waiting:
        said = program.said.until(lambda line: line.startswith("READY "))
        waiting.remove(said.split()[1])
    return program


def bring_in(store: Path, *incidents: str) -> Path:
    facts = [*order_in_force(), *(breach(incident) for incident in incidents)]
    file = written(store.parent / "facts.jsonl", [line("KENT/1", *facts)])
    brought = run("import", str(file), "--data-dir", str(store))
    assert brought.returncode == 0, brought.stdout + brought.stderr
    return file


def next_alert(system: Program) -> dict[str, Any]:
    """The next alert said; on a busy machine there may be words about the line or a lane before it."""
    said: dict[str, Any] = json.loads(system.said.until(_tells_of_an_alert))
    return said


def _tells_of_an_alert(line: str) -> bool:
    return line.startswith("{") and "alert" in json.loads(line)


def rows_of(store: Path, topic: str, *, there: Callable[[int], bool]) -> list[dict[str, Any]]:
    """What the log holds of that topic, once there are as many as wanted; or after all patience."""
    deadline = monotonic() + PATIENCE
    while True:
        found = [row for row in export(store) if row["topic"] == topic]
        if there(len(found)) or monotonic() > deadline:
            return found
        sleep(0.1)
