"""What each campaign printed when it was last run whole, kept as JSON and as a page of the docs."""

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, TextIO

from tests.made_with import made_with
from tests.stolen import Stolen

KEPT = Path("docs/reference/faults.json")
PAGE = Path("docs/reference/faults.md")
_LINES = 80
"""Of what a campaign printed, the last: its reckoning stands at the end."""

_HEAD = """# The latest run of each campaign of faults

`make faults` and `python -m tests.faults NAME` write this page, and `faults.json` beside it. Exit 0: nothing
was lost, doubled, missing or too late, and every fault bit. Times are of a machine with that many cores, at
that load (processes that wanted to run, as the campaign ended, and what the hypervisor took of the processor
time asked for while it ran). What the figures mean stands in [figures](figures.md).
"""


def run(name: str, campaign: Callable[[Sequence[str]], None], arguments: Sequence[str]) -> None:
    """Run that campaign and keep what it printed. Raises what it raises, `SystemExit` among it."""
    printed, begun, stolen = io.StringIO(), monotonic(), Stolen()
    status: Any = "fell over"
    try:
        with redirect_stdout(_Both(sys.stdout, printed)):
            campaign(arguments)
        status = 0
    except SystemExit as ended:
        status = ended.code or 0
        raise
    finally:
        told = {"exit": status, "took_s": round(monotonic() - begun), "stolen": stolen.percent()}
        _keep(name, arguments, told, printed.getvalue())


class _Both(io.TextIOBase):
    """Shows what is printed, and remembers it."""

    def __init__(self, shown: TextIO, remembered: TextIO) -> None:
        self._shown, self._remembered = shown, remembered

    def write(self, text: str) -> int:
        self._remembered.write(text)
        return self._shown.write(text)

    def flush(self) -> None:
        self._shown.flush()


def _keep(name: str, arguments: Sequence[str], ended: dict[str, Any], printed: str) -> None:
    if "--help" in arguments or "-h" in arguments:
        return
    told: dict[str, dict[str, Any]] = {}
    if KEPT.exists():
        told = json.loads(KEPT.read_text(encoding="utf-8"))
    command = " ".join(["python -m tests.faults", name, *arguments])
    told[command] = ended | {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "made_with": made_with(),
        "printed": printed.splitlines()[-_LINES:],
    }
    KEPT.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(_HEAD + "".join(_section(*each) for each in sorted(told.items())), "utf-8")


def _section(command: str, told: dict[str, Any]) -> str:
    lines = "\n".join(line.rstrip() for line in told["printed"])
    said = f"{told['at']}, exit {told['exit']}, {told['took_s']} s, {told['cores']} cores, load {told['load']:.1f}"
    if "stolen" in told:  # runs of before it was noted have none
        said += f", {told['stolen']:.0f} % stolen"
    made = ", ".join(f"{name} {version}" for name, version in told.get("made_with", {}).items())
    with_what = f", with {made}" if made else ""  # runs of before it was noted have none
    return f"\n## `{command}`\n\n{said}{with_what}\n\n```text\n{lines}\n```\n"
