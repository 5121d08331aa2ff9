"""The release after this one, in which what raises a deadline goes by another name."""

import re
from pathlib import Path
from shutil import copytree

_ROOT = Path(__file__).parents[3]
_SHIPPED = ("domain", "projections", "consumers", "scheduler", "spowatch")
_RENAMED = {"raise_due": "call_out", "Sweep": "Round", "Clockwork": "Timepiece", "_run": "_go"}
_OLD_NAMES = re.compile(rf"\b({'|'.join(_RENAMED)})\b")


def next_release(site: Path) -> Path:
    """The code as it is, at `site` with the functions and classes that raise a deadline renamed."""
    for package in _SHIPPED:
        copytree(_ROOT / package, site / package)
    copytree(_ROOT / "tests/scheduler/losses", site / "tests/scheduler/losses")
    for shared in ("__init__.py", "program.py", "stories.py"):
        (site / "tests" / shared).write_bytes((_ROOT / "tests" / shared).read_bytes())
    for module in site.rglob("*.py"):
        _rename(module)
    return site


def _rename(module: Path) -> None:
    text = module.read_text()
    renamed = _OLD_NAMES.sub(lambda old: _RENAMED[old[0]], text)
    if renamed != text:
        module.write_text(renamed)
