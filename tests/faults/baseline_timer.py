"""The baseline of the clock's jumps: a plain timer, told the same instants at the same moments."""

import json
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any, Self

from tests.faults.faked_clock import SteeredClock
from tests.program import PATIENCE, Program

_ROOT = Path(__file__).resolve().parents[2]
_FOR_EVER = 1e6


class BaselineTimer:
    """tests.faults.plain_timer in a process of its own, under the same clock."""

    def __init__(self, clock: SteeredClock) -> None:
        command = clock.command((sys.executable, "-m", "tests.faults.plain_timer"))
        self._program = Program(program=command, cwd=_ROOT)
        self._heard: list[tuple[float, dict[str, Any]]] = []
        self._told: set[datetime] = set()
        self._news = threading.Condition()
        self._program.said.until(lambda line: '"ready"' in line, PATIENCE)
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._program.process.kill()
        self._thread.join()
        self._program.kill()

    def expect(self, due: datetime) -> None:
        """One job for each instant, however many orders fall due at it."""
        if due not in self._told:
            self._told.add(due)
            self._program.say(due.isoformat())

    def wait_for(self, due: set[datetime], patience: float) -> None:
        with self._news:
            self._news.wait_for(lambda: due <= {_due(said) for _, said in self._heard}, patience)

    def came_to(self, passed: Mapping[datetime, float], prompt: float) -> Counter[str]:
        """How many instants it kept within `prompt` seconds, and what became of the others."""
        return Counter(self._kept(due, at, prompt) for due, at in passed.items())

    def _kept(self, due: datetime, passed: float, prompt: float) -> str:
        for heard, said in self._heard:
            if _due(said) == due:
                return _fate(said, due, heard - passed, prompt)
        return "silent"

    def _listen(self) -> None:
        while (line := self._program.said.next(_FOR_EVER)) is not None:
            with self._news:
                self._heard.append((time(), json.loads(line)))
                self._news.notify_all()


def _fate(said: dict[str, Any], due: datetime, after: float, prompt: float) -> str:
    if said["what"] == "dropped":
        return "dropped"
    if datetime.fromtimestamp(said["clock"], UTC) < due:
        return "early"
    return "in time" if after <= prompt else "late"


def _due(said: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(said["due"])
