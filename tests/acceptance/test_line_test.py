"""Line tests on the running program: each silent stage is named in time on a console that is alive."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.acceptance.case_files import export, new_store
from tests.program import Program, run
from tests.servers.receiver import Receiver, receiving

EVERY, ANSWER = 4.0, 3.0
SETTINGS = {"SPO_LINE_TEST__EVERY": str(EVERY), "SPO_LINE_TEST__ANSWER_WITHIN": str(ANSWER)}
IN_TIME = EVERY + ANSWER + 3.0
"""Seconds; three of them for a busy machine."""

OF_ITS_OWN = 5.0
"""Seconds that a console waits longer than the tester, before it says so by itself."""


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

        def start(where: Path, *roles: str) -> Program:
            program = Program("run", *roles, "--data-dir", str(where), settings=shared)
            stack.enter_context(program)
            for _ in roles:
                program.said.until(lambda line: line.startswith("READY"))
            return program

        yield {
            "second": start(second, "deliver", "reconcile"),
            "deliver": start(store, "deliver"),
            "desk": start(store, "alert", "sweep"),
            "line-test": start(store, "line-test"),
        }


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
    with receiving() as outside, running(store, second, outside.url) as programs:
        console = programs["second"]
        assert heard(console, "line_test")["raised_by"] == "arrest-desk"
        assert first_beat(outside) == ("/alerts", "")
        programs["deliver"].kill()
        programs["desk"].freeze()
        begun = monotonic()
        named = {heard(console, "stage_silent")["stage"] for _ in range(3)}
        assert monotonic() - begun <= IN_TIME
        gone = f"console:{(store / 'console.name').read_text()}"
        assert named == {"arrest-desk", "sweep", gone}
        assert named_outside(outside) == named
        programs["line-test"].kill()
        begun = monotonic()
        heard(console, "line_silent")
        assert monotonic() - begun <= IN_TIME + OF_ITS_OWN
    assert "LINE_TEST" not in run("alerts", "list", "--all", "--data-dir", str(store)).stdout
    assert {row["order"] for row in export(store)} == {None}


def first_beat(outside: Receiver) -> tuple[str, str]:
    deadline = monotonic() + IN_TIME
    while not outside.reached and monotonic() < deadline:
        sleep(0.05)
    return outside.reached[0].path, outside.reached[0].body


def named_outside(outside: Receiver) -> set[str]:
    """The stages of the first beat that says a test failed; it follows what the console is told."""
    deadline = monotonic() + IN_TIME
    while monotonic() < deadline:
        for beat in tuple(outside.reached):
            if beat.path == "/alerts/fail":
                return set(beat.body.split())
        sleep(0.05)
    return set()
