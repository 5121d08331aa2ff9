"""The demonstration: one's own facts get what the Act says, each alert and each refusal in words."""

import threading
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from spowatch.demo.demonstration import Demo
from spowatch.settings.faults import SettingsError
from tests.program import PATIENCE

FACTS = Path(__file__).parents[2] / "docs" / "tutorial" / "first-breach.jsonl"


@pytest.fixture(autouse=True)
def any_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Demonstrations of several tests run at once."""
    monkeypatch.setenv("SPO_HTTP__PORT", "0")


class Said(StringIO):
    """What is said, and a bell that is rung once it is enough."""

    def __init__(self, enough: Callable[[str], bool]) -> None:
        super().__init__()
        self.stop = threading.Event()
        self._enough = enough

    def write(self, words: str) -> int:
        written = super().write(words)
        if self._enough(self.getvalue()):
            self.stop.set()
        return written


def played(demo: Demo, enough: Callable[[str], bool], seconds: float = PATIENCE) -> str:
    """All that was said until it was enough, or so long."""
    said = Said(enough)
    with redirect_stdout(said):
        demo.play(said.stop, seconds)
    return said.getvalue()


def test_ones_own_facts_are_answered_one_by_one(tmp_path: Path) -> None:
    wanted = (
        "BREACH_ARREST  KENT-2026-90001  P-ZONE-DIST",
        "MISSED_INITIAL  KENT-2026-90001",
        "line 4: fact 0 of KENT-2026-90001 refused: S4_APPLICANT_NOT_ELIGIBLE",
        "line 5: given[0].t has no offset",
    )
    demo = Demo(tmp_path, orders=1, pace=0.05, seed=1, facts=FACTS)
    said = played(demo, lambda so_far: all(each in so_far for each in wanted))
    assert [each for each in wanted if each not in said] == []


def test_nothing_is_deleted_that_no_demonstration_made(tmp_path: Path) -> None:
    kept = tmp_path / "log.db"
    kept.write_text("a register", "utf-8")
    with pytest.raises(SettingsError, match="name an empty directory"):
        Demo(tmp_path, orders=1, pace=0.05, seed=1, facts=FACTS).play(threading.Event(), 0)
    assert [each.name for each in tmp_path.iterdir()] == ["log.db"]


def test_an_earlier_demonstration_is_played_over(tmp_path: Path) -> None:
    for _ in range(2):
        demo = Demo(tmp_path, orders=1, pace=0.05, seed=1, facts=FACTS)
        assert "refused" in played(demo, lambda so_far: "refused" in so_far)


def test_what_no_demonstration_sets_up_is_said_without_alarm(tmp_path: Path) -> None:
    demo = Demo(tmp_path, orders=1, pace=0.05, seed=1, facts=FACTS)
    said = played(demo, lambda _: False, 2.0)
    assert "nobody outside is told" in " ".join(said.split())
    assert "NOT_SET_UP" not in said


def test_a_caseload_is_counted_first_and_then_moves(tmp_path: Path) -> None:
    demo = Demo(tmp_path, orders=40, pace=0.05, seed=2026, facts=None)
    said = played(demo, lambda so_far: "BREACH_ARREST" in so_far.partition("Now live")[2])
    history, live = said.split("Now live")
    assert "alerts on record" in history
    assert "BREACH_ARREST" in live
