"""The commands printed in the documents work, in the order they are printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "docs/tutorial/first-breach.md",
    "docs/how-to/back-up-and-restore.md",
    "docs/how-to/decide-who-is-told.md",
    "docs/how-to/import-facts.md",
    "docs/how-to/monitor.md",
    "docs/how-to/tell-people-outside.md",
    "docs/how-to/train.md",
    "docs/how-to/watch-compliance.md",
    "docs/how-to/brief-officers.md",
    "docs/how-to/prove-the-log.md",
    "docs/how-to/publish-figures.md",
    "docs/how-to/watch-the-line.md",
    "docs/how-to/work-the-desk.md",
]
TIMED = re.compile(r"(?<=timeout )\d+")
LONGER = (4, 16)
"""How many times the seconds that a page gives the program, tried in turn: on a busy machine it is up too late."""


def commands(page: str) -> str:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    return "\n".join(
        line.removeprefix("$ ")
        for block in blocks
        for line in block.splitlines()
        if line.startswith("$ ")
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page_works(page: str, tmp_path: Path) -> None:
    script = commands(page)
    assert script
    done = played(script, tmp_path / "1")
    for times in LONGER if TIMED.search(script) else ():
        if done.returncode == 0:
            break
        done = played(given_longer(script, times), tmp_path / str(times))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def given_longer(script: str, times: int) -> str:
    return TIMED.sub(lambda found: str(times * int(found[0])), script)


def played(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    (folder / "docs").symlink_to(ROOT / "docs")
    (folder / ".venv").symlink_to(Path(sys.prefix))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SPO_")}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
