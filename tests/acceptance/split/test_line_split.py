"""The line test over PostgreSQL and Kafka: it goes by the broker, and a dead relay is named."""

import json

from tests.acceptance.split.conftest import Split
from tests.program import PATIENCE, Program

PACE = {"SPO_LINE_TEST__EVERY": "4", "SPO_LINE_TEST__ANSWER_WITHIN": "3"}


def up(split: Split, *processes: tuple[str, ...]) -> list[Program]:
    """A process for the roles of each, all of them ready."""
    programs = [
        split.stack.enter_context(
            Program("run", *roles, "--data-dir", str(split.data), settings=split.settings | PACE)
        )
        for roles in processes
    ]
    for roles, program in zip(processes, programs, strict=True):
        for _ in roles:
            program.said.until(lambda said: said.startswith("READY "))
    return programs


def heard(console: Program, **wanted: str) -> None:
    """Until that is said."""

    def fits(line: str) -> bool:
        return line.startswith("{") and wanted.items() <= json.loads(line).items()

    console.said.until(fits, PATIENCE)


def test_a_line_test_goes_by_the_broker_and_a_dead_relay_is_named(split: Split) -> None:
    at_the_desk = ("deliver", "reconcile", "sweep", "alert")
    console, relay, tester = up(split, at_the_desk, ("relay",), ("line-test",))
    heard(console, what="line_test", raised_by="arrest-desk")
    relay.kill()
    heard(console, what="stage_silent", stage="relay")
    heard(console, what="line_test", raised_by="reconciler")
    up(split, ("relay",))
    heard(console, what="stage_heard", stage="relay")
    assert tester.stop() == 0
