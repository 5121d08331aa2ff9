"""A forked command is the command: told the same, it says the same and ends the same as one that was started."""

from pathlib import Path

import pytest

from tests import forked_program, program
from tests.acceptance.case_files import line, new_store


@pytest.mark.parametrize(
    ("command", "given", "status"),
    [
        (("import", "-"), line("A/1") + b"\n" + line("B/1")[:-9] + b"\n", 2),
        (("export",), b"", 0),
        (("run", "nobody"), b"", 2),
    ],
    ids=("import", "export", "run"),
)
def test_a_forked_command_does_and_says_what_a_started_one_does(
    command: tuple[str, ...], given: bytes, status: int, tmp_path: Path
) -> None:
    here, there = (new_store(tmp_path / name) for name in ("here", "there"))
    forked = forked_program.run(
        *command, given=given, settings={"SPO_DATA_DIR": here.name}, cwd=tmp_path
    )
    started = program.run(
        *command, given=given, settings={"SPO_DATA_DIR": there.name}, cwd=tmp_path
    )
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        status,
        started.stdout,
        started.stderr,
    )
    assert started.returncode == status
    assert {each.name for each in here.iterdir()} == {each.name for each in there.iterdir()}
