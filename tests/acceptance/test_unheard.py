"""An answer that nobody hears: no traceback, at most one line, and a status that says so."""

import subprocess
from pathlib import Path

import pytest
import typer

from spowatch.cli.output import faults_explained
from tests.acceptance.case_files import line, new_store, written
from tests.forked_program import run
from tests.program import PATIENCE, SPOWATCH, environment


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = new_store(tmp_path_factory.mktemp("unheard"))
    facts = written(store.parent / "facts.jsonl", [line("A/1")])
    assert run("import", str(facts), "--data-dir", str(store)).returncode == 0
    return store


def test_another_file_without_room_is_not_told_as_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit), faults_explained():
        Path("/dev/full").write_text("x")
    assert "No space left on device" in capsys.readouterr().err


NO_ROOM = "spowatch: standard output: No space left on device; the answer is cut short\n"
NOBODY_READS = "until test -e gone; do sleep 0.05; done; {} | { exec 0<&-; touch gone; }"


@pytest.mark.parametrize(
    ("command", "script", "status", "said"),
    [
        ("export", NOBODY_READS, 1, ""),
        ("export", "{} >/dev/full", 1, NO_ROOM),
        ("orders list", "{} >/dev/full", 1, NO_ROOM),
        ("export", "{} >&-", 0, ""),
    ],
)
def test_an_answer_that_cannot_be_written_is_no_traceback(
    command: str, script: str, status: int, said: str, store: Path
) -> None:
    asked = f"{SPOWATCH[0]} {command} --data-dir {store}"
    before, _, after = script.partition("{}")
    group = f"{{ {before}{asked}; echo $? >status; }} {after}"
    done = subprocess.run(
        ["bash", "-c", group],
        cwd=store.parent,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )
    assert (int((store.parent / "status").read_text()), done.stderr) == (status, said)
