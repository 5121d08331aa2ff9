"""Line tests on the running program, a process a role: each silent stage is named on a console in time."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.acceptance.case_files import export, new_store
from tests.program import Program, run

EVERY, ANSWER = 4.0, 3.0
SETTINGS = {"SPO_LINE_TEST__EVERY": str(EVERY), "SPO_LINE_TEST__ANSWER_WITHIN": str(ANSWER)}
IN_TIME = EVERY + ANSWER + 3.0
"""Seconds; three of them for a busy machine."""

OF_ITS_OWN = 5.0
"""Seconds that a console waits longer than the tester, before it says so by itself."""

ROLES = ("alert", "reconcile", "sweep", "line-test")


@contextmanager
def running(store: Path, second: Path) -> Iterator[dict[str, Program]]:
    """Each role in a process of its own, and a second console in a directory of its own."""
    shared = SETTINGS | {
        "SPO_LOG__PATH": str(store / "log.db"),
        "SPO_KEYS__PATH": str(store / "keys.db"),
        "SPO_KEYS__MASTER_KEY_FILE": str(store / "master.key"),
    }
    with ExitStack() as stack:

        def start(role: str, where: Path) -> Program:
            program = Program("run", role, "--data-dir", str(where), settings=shared)
            stack.enter_context(program)
            program.said.until(lambda line: line.startswith("READY"))
            return program

        programs = {"second": start("deliver", second), "deliver": start("deliver", store)}
        yield programs | {role: start(role, store) for role in ROLES}


def heard(console: Program, what: str, **wanted: Any) -> dict[str, Any]:
    """The next message of that kind; fails when it does not come in time."""

    def fits(line: str) -> bool:
        message = json.loads(line) if line.startswith("{") else {}
        return message.get("what") == what and wanted.items() <= message.items()

    message: dict[str, Any] = json.loads(console.said.until(fits, IN_TIME + 5.0))
    return message


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "second").mkdir()
    return new_store(tmp_path / "store"), tmp_path / "second"


def test_a_silent_stage_is_named_on_a_console_that_is_alive(stores: tuple[Path, Path]) -> None:
    store, second = stores
    with running(store, second) as programs:
        console = programs["second"]
        assert heard(console, "line_test")["raised_by"] == "arrest-desk"
        programs["deliver"].kill()
        for role in ("alert", "sweep"):
            programs[role].freeze()
        begun = monotonic()
        named = {heard(console, "stage_silent")["stage"] for _ in range(3)}
        assert monotonic() - begun <= IN_TIME
        gone = f"console:{(store / 'console.name').read_text()}"
        assert named == {"arrest-desk", "sweep", gone}
        assert heard(console, "line_test")["raised_by"] == "reconciler"
        retired_by_a_person(store, gone)
        for role in ("alert", "sweep"):
            programs[role].thaw()
        assert {heard(console, "stage_heard")["stage"] for _ in range(2)} == named - {gone}
        assert run("line-test", "status", "--data-dir", str(store)).returncode == 0
        programs["line-test"].kill()
        begun = monotonic()
        heard(console, "line_silent")
        assert monotonic() - begun <= IN_TIME + OF_ITS_OWN
    assert "LINE_TEST" not in run("alerts", "list", "--all", "--data-dir", str(store)).stdout
    assert {row["order"] for row in export(store)} == {None}


def retired_by_a_person(store: Path, stage: str) -> None:
    status = run("line-test", "status", "--data-dir", str(store))
    assert (status.returncode, stage in status.stdout) == (1, True)
    told = ("--as", "K1", "--reason", "moved to the new room", "--data-dir", str(store))
    assert run("line-test", "retire", stage, *told).returncode == 0
    refused = run("line-test", "retire", "nobody", *told)
    assert (refused.returncode, "no stage 'nobody'" in refused.stderr) == (1, True)
