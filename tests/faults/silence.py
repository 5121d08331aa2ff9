"""Each stage of the road killed and frozen in turn: how long until a console that is alive names it."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from tests.acceptance.case_files import new_store
from tests.program import Program

STAGES = {
    "alert": "arrest-desk",
    "reconcile": "reconciler",
    "sweep": "sweep",
    "deliver": "console:",
    "line-test": "the line",
}
BAR = 90.0
"""Seconds, with a test each minute."""


@dataclass(frozen=True, slots=True)
class Strike:
    role: str
    blow: str
    seconds: float
    named: str


class Field:
    """Every role a process of its own, and a second console that is never struck."""

    def __init__(self, folder: Path, pace: dict[str, str], stack: ExitStack) -> None:
        self._store, self._second = new_store(folder / "store"), folder / "second"
        self._second.mkdir()
        self._stack = stack
        self._settings = pace | {
            "SPO_LOG__PATH": str(self._store / "log.db"),
            "SPO_KEYS__PATH": str(self._store / "keys.db"),
            "SPO_KEYS__MASTER_KEY_FILE": str(self._store / "master.key"),
        }
        self.roles: dict[str, Program] = {}
        self.console = self._started("deliver", self._second)
        for role in STAGES:
            self.start(role)

    def start(self, role: str) -> None:
        self.roles[role] = self._started(role, self._store)

    def _started(self, role: str, where: Path) -> Program:
        program = Program("run", role, "--data-dir", str(where), settings=self._settings)
        self._stack.enter_context(program)
        program.said.until(lambda line: line.startswith("READY"))
        return program


@contextmanager
def field(every: float, answer: float) -> Iterator[Field]:
    pace = {"SPO_LINE_TEST__EVERY": str(every), "SPO_LINE_TEST__ANSWER_WITHIN": str(answer)}
    with TemporaryDirectory() as folder, ExitStack() as stack:
        yield Field(Path(folder), pace, stack)


def strikes(on: Field, patience: float, after: float) -> Iterator[Strike]:
    """Each blow falls `after` seconds after a test, when every stage has just passed it."""
    for role, stage in STAGES.items():
        for blow in ("killed", "frozen"):
            _next(on.console, patience, _is("line_test"))
            sleep(after)
            begun = monotonic()
            on.roles[role].kill() if blow == "killed" else on.roles[role].freeze()
            said = _next(on.console, patience, _names(stage))
            yield Strike(role, blow, monotonic() - begun, str(said.get("stage", "the line")))
            on.start(role) if blow == "killed" else on.roles[role].thaw()
            _next(on.console, patience, _is("line_heard" if role == "line-test" else "stage_heard"))


Said = dict[str, object]


def _is(what: str) -> Callable[[Said], bool]:
    return lambda message: message.get("what") == what


def _names(stage: str) -> Callable[[Said], bool]:
    if stage == "the line":
        return _is("line_silent")
    return lambda message: _is("stage_silent")(message) and str(message["stage"]).startswith(stage)


def _next(console: Program, patience: float, wanted: Callable[[Said], bool]) -> Said:
    line = console.said.until(
        lambda each: each.startswith("{") and wanted(json.loads(each)), patience
    )
    told: Said = json.loads(line)
    return told


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults silence", description=__doc__)
    parser.add_argument("--every", type=float, default=60.0)
    parser.add_argument("--answer-within", type=float, default=15.0)
    asked = parser.parse_args(arguments)
    seconds = list(_measured(asked.every, asked.answer_within))
    bar = BAR * asked.every / 60.0
    late = sum(each > bar for each in seconds)
    print(
        f"{len(seconds)} silences, a test each {asked.every:g} s: median {median(seconds):.1f} s, "
        f"worst {max(seconds):.1f} s, later than {bar:g} s: {late}"
    )
    if late:
        sys.exit(1)


def _measured(every: float, answer: float) -> Iterator[float]:
    with field(every, answer) as on:
        for strike in strikes(on, 3 * (every + answer) + 30, answer / 2):
            row = f"{strike.role:<10} {strike.blow:<7} {strike.seconds:6.1f} s  {strike.named}"
            print(row, flush=True)
            yield strike.seconds
