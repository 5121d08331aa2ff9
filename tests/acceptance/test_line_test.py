"""Line tests on the running program: each silent stage is named on a console that is alive.

Within how many seconds is for tests/consumers/test_line_tester.py to say, by a clock that is moved: the shortest
times there are, as here, are short for a busy machine, where a stage that is alive may be named and heard again.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from spowatch.pipeline import pipeline
from tests.acceptance.case_files import export, new_store
from tests.forked_program import run
from tests.program import PATIENCE, Program
from tests.servers.receiver import Receiver, receiving
from tests.stories import store_at

SETTINGS = {"SPO_LINE_TEST__EVERY": "4", "SPO_LINE_TEST__ANSWER_WITHIN": "3"}
ROLES = {
    "second": ("deliver", "reconcile"),
    "deliver": ("deliver",),
    "desk": ("alert", "sweep"),
    "line-test": ("line-test",),
}


@contextmanager
def running(store: Path, second: Path, outside: str) -> Iterator[dict[str, Program]]:
    """What is struck in processes of their own, and a second console in a directory of its own."""
    shared = SETTINGS | {
        "SPO_HEARTBEAT__URL": outside,
        "SPO_HEARTBEAT__INSIDE": "true",
        "SPO_LOG__PATH": str(store / "log.db"),
        "SPO_KEYS__PATH": str(store / "keys.db"),
        "SPO_KEYS__MASTER_KEY_FILE": str(store / "master.key"),
    }
    with ExitStack() as stack:
        programs: dict[str, Program] = {}
        for name, roles in ROLES.items():
            where = str(second if name == "second" else store)
            program = Program("run", *roles, "--data-dir", where, settings=shared)
            programs[name] = stack.enter_context(program)
        for name, program in programs.items():
            for _ in ROLES[name]:
                program.said.until(lambda line: line.startswith("READY"))
        yield programs


def heard(console: Program, what: str, **wanted: Any) -> dict[str, Any]:
    """The next message of that kind."""

    def fits(line: str) -> bool:
        message = json.loads(line) if line.startswith("{") else {}
        return message.get("what") == what and wanted.items() <= message.items()

    message: dict[str, Any] = json.loads(console.said.until(fits))
    return message


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "second").mkdir()
    return new_store(tmp_path / "store"), tmp_path / "second"


def test_a_silent_stage_is_named_on_a_console_that_is_alive(stores: tuple[Path, Path]) -> None:
    store, second = stores
    with receiving() as outside, running(store, second, outside.url) as programs:
        console = programs["second"]
        heard(console, "line_test", raised_by="arrest-desk")
        told_outside(outside, "/alerts")
        programs["deliver"].kill()
        programs["desk"].freeze()
        dead = {"arrest-desk", "sweep", f"console:{(store / 'console.name').read_text()}"}
        named: set[str] = set()
        while not dead <= named:
            named.add(heard(console, "stage_silent")["stage"])
        told_outside(outside, "/alerts/fail", *dead)
        until_silent(store, dead)
        programs["line-test"].kill()
        heard(console, "line_silent")
    assert "LINE_TEST" not in run("alerts", "list", "--all", "--data-dir", str(store)).stdout
    assert {row["order"] for row in export(store)} == {None}


def until_silent(store: Path, stages: set[str]) -> None:
    """Once these are silent and no other: what was too slow for a busy machine has been heard again."""
    deadline = monotonic() + PATIENCE
    with store_at(store) as opened:
        while (found := pipeline(opened).silent) != sorted(stages):
            assert monotonic() < deadline, found
            sleep(0.05)


def told_outside(outside: Receiver, path: str, *stages: str) -> None:
    """Once a beat was told there that names them all; it follows what the console is told."""
    deadline = monotonic() + PATIENCE
    while not any(
        beat.path == path and set(stages) <= set(beat.body.split())
        for beat in tuple(outside.reached)
    ):
        assert monotonic() < deadline, [(beat.path, beat.body) for beat in outside.reached]
        sleep(0.05)
