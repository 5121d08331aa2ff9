"""The demonstration: one's own facts get what the Act says, each alert and each refusal in words."""

import threading
from pathlib import Path

import pytest

from spowatch.demo import Demo

FACTS = Path(__file__).parents[2] / "docs" / "tutorial" / "first-breach.jsonl"


def test_ones_own_facts_are_answered_one_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(tmp_path, orders=1, pace=0.05, seed=1, facts=FACTS)
    demo.play(threading.Event(), 0.1)
    said = capsys.readouterr().out
    assert "BREACH_ARREST  KENT-2026-90001  P-ZONE-DIST" in said
    assert "MISSED_INITIAL  KENT-2026-90001" in said
    assert "line 4: fact 0 of KENT-2026-90001 refused: S4_APPLICANT_NOT_ELIGIBLE" in said
    assert "line 5: given[0].t has no offset" in said


def test_what_no_demonstration_sets_up_is_said_without_alarm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(tmp_path, orders=1, pace=0.05, seed=1, facts=FACTS)
    demo.play(threading.Event(), 2.0)
    said = capsys.readouterr().out
    assert "nobody outside is told" in " ".join(said.split())
    assert "NOT_SET_UP" not in said


def test_a_caseload_is_counted_first_and_then_moves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Demo(tmp_path, orders=40, pace=0.05, seed=2026, facts=None).play(threading.Event(), 2.0)
    history, live = capsys.readouterr().out.split("Now live")
    assert "alerts on record" in history
    assert "BREACH_ARREST" in live
