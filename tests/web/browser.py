"""A real browser: Debian's Chromium, and the accessibility checker that our npm lock pins."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UI = ROOT / "web" / "ui"
AXE = UI / "node_modules" / "axe-core" / "axe.min.js"
_INSTALLING_TAKES = 300
_QUIETLY = ("apt-get", "-qq", "-y", "--no-install-recommends")


class NoBrowser(Exception):
    """There is none here, and none could be installed; says why in one line."""


def chromium() -> str:
    """The path of Chromium; installed from the distribution where we may."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _once("chromium", ("apt-get", "-qq", "update"), (*_QUIETLY, "install", "chromium"))
        found = shutil.which("chromium")
    if found is None:
        msg = "no Chromium is installed, and only root on Debian could install one"
        raise NoBrowser(msg)
    return found


def axe() -> str:
    """The source of axe-core."""
    if not AXE.exists():
        if not shutil.which("npm"):
            msg = "axe-core comes by npm, which is not here"
            raise NoBrowser(msg)
        _once("npm", ("npm", "ci", "--prefix", str(UI), "--ignore-scripts", "--no-audit"))
    return AXE.read_text(encoding="utf-8")


def _once(name: str, *commands: tuple[str, ...]) -> None:
    """Whoever comes first does it; the others wait and find it done."""
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (name == "chromium" and shutil.which("chromium")) or (name == "npm" and AXE.exists()):
            return
        for command in commands:
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=_INSTALLING_TAKES)
            except (OSError, subprocess.SubprocessError) as error:
                msg = f"{command[0]} could not install it ({type(error).__name__})"
                raise NoBrowser(msg) from error
