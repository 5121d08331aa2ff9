"""Few deaths of many: all of them are `python -m tests.faults lines` and `syscalls`."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.dying.life import LIFE
from tests.faults.dying.on_record import OnRecord
from tests.faults.dying.trial import Found, Trial, verdict
from tests.structure.checkout import ROOT

BEFORE = OnRecord(((1, "a", 1, "applied"),), ("said",))
AFTER = OnRecord((*BEFORE.events, (2, "a", 2, "served"), (3, "b", 1, "answered")), ("said",))
HALF = replace(AFTER, events=AFTER.events[:2])
TWICE = replace(AFTER, events=(*AFTER.events, (4, "a", 3, "served")))
OTHER = replace(AFTER, events=(*BEFORE.events, (2, "a", 2, "varied"), AFTER.events[2]))
TRIAL = Trial(LIFE[0], Path(), BEFORE, (2,), AFTER)


def said_by(campaign: str, *arguments: str) -> dict[str, Any]:
    """In a program of its own: it forks, which a process with threads must not."""
    run = f"from tests.faults.dying.{campaign} import main; main({list(arguments)})"
    command = [sys.executable, "-c", run]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_a_command_that_dies_at_any_line_is_on_record_whole_or_not_at_all() -> None:
    found = said_by("lines", "--deeds", "1", "--part", "7/150")
    assert found["kills"] > 5
    assert found["wrong"] == {}


def test_a_command_whose_disk_refuses_any_call_says_so_and_is_done_again() -> None:
    found = said_by("syscalls", "--deeds", "1", "--part", "7/29")
    assert set(found["blows"]) == {"KILL", "TORN", "EIO", "ENOSPC", "FULL"}
    assert found["refused"].keys() == {"StoreUnavailable"}


@pytest.mark.parametrize(
    ("found", "acknowledged", "wrong"),
    [
        (Found(BEFORE, (2,), AFTER), False, ""),
        (Found(AFTER, (2,), AFTER), True, ""),
        (Found(BEFORE, (2,), AFTER), True, "lost"),
        (Found(HALF, (2,), AFTER), False, "half"),
        (Found(OTHER, (2,), AFTER), False, "half"),
        (Found(replace(AFTER, said=()), (2,), AFTER), False, "half"),
        (Found(AFTER, (2,), TWICE), False, "came twice, or never"),
        (Found(BEFORE, (2,), HALF), False, "came twice, or never"),
        (Found(AFTER, (4,), AFTER), False, "another answer"),
    ],
)
def test_what_is_lost_half_doubled_or_answered_otherwise_is_noticed(
    found: Found, wrong: str, *, acknowledged: bool
) -> None:
    assert verdict(TRIAL, found, acknowledged=acknowledged) == wrong


def test_of_a_turn_that_writes_several_times_the_first_may_be_there() -> None:
    turn = replace(TRIAL, deed=replace(LIFE[0], whole=False))
    assert verdict(turn, Found(HALF, (2,), AFTER), acknowledged=False) == ""
