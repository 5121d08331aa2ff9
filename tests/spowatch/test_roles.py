"""Roles: a fault while working is logged with what to do and nobody's name; a dead role stops all."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from spowatch.running.faults import RoleCannotStart, RoleFailed
from spowatch.running.running import Running
from spowatch.store.sqlite_connection import StoreUnavailable
from tests.program import PATIENCE
from tests.stories import breach, served_order, store_at, tell, work_until_idle

FULL = StoreUnavailable(Path("log.db"), "database or disk is full", "free space on this disk")


@pytest.mark.parametrize(
    ("fault", "logged"),
    [
        (FULL, {"fault": "StoreUnavailable", "trouble": str(FULL)}),
        (ValueError("Vera Sample"), {"fault": "ValueError"}),
    ],
)
def test_a_fault_while_working_is_logged_and_only_a_stores_own_words(
    tmp_path: Path, fault: Exception, logged: dict[str, str]
) -> None:
    stopping = threading.Event()

    def show(_: dict[str, Any]) -> None:
        stopping.set()
        raise fault

    with store_at(tmp_path) as store, capture_logs() as logs:
        tell(store, "KENT-1", *served_order(), breach())
        work_until_idle(store, "alert")
        running = Running(store, show, stopping)
        running.start(["deliver"], ignored)
        assert stopping.wait(PATIENCE)
        running.stop()
    said = [entry for entry in logs if entry["event"] == "role fault"]
    expected = {"event": "role fault", "log_level": "error", "role": "deliver", "pause": 0.1}
    assert said == [expected | logged]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_role_that_dies_stops_the_others_and_is_named(tmp_path: Path) -> None:
    stopping, others = threading.Event(), threading.Event()

    def ready(name: str) -> None:
        if name == "alert":
            assert others.wait(PATIENCE)
            raise BrokenPipeError
        others.set()

    with store_at(tmp_path) as store:
        running = Running(store, ignored, stopping)
        running.start(["alert", "deliver"], ready)
        assert stopping.wait(PATIENCE)
        with pytest.raises(RoleFailed, match="the role alert ended with a fault"):
            running.stop()


@pytest.mark.parametrize("role", ["relay", "intake"])
def test_a_role_that_needs_a_broker_says_which_setting_names_one(role: str, tmp_path: Path) -> None:
    stopping = threading.Event()
    with store_at(tmp_path) as store:
        running = Running(store, ignored, stopping)
        running.start([role], ignored)
        assert stopping.wait(PATIENCE)
        with pytest.raises(RoleCannotStart, match=f"{role} could not .*: set SPO_TRANSPORT__KIND="):
            running.stop()


ignored: Callable[[Any], None] = [].append
