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
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SPO_")}
    script = commands(page)
    assert script
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
